"""Excerpts of songs that are given with their beats, as songs that synthetic dancers dance to.

Shape letters: N samples, K beats, P phrases.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.audio.mixing import Mixer
from transflower.audio.reading import read_pieces
from transflower.audio.resampling import Resampler
from transflower.core.errors import DataError
from transflower.synthetic.curves import PHRASE_BEATS, Number
from transflower.synthetic.given_beats import GivenBeats, danced_beats
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.songs import STYLES, Song

GENRE = "given"
_FEWEST_BEATS = 2 * PHRASE_BEATS
_ENERGY, _ENERGY_PER_DECIBEL = (0.35, 0.75), 0.06
"""Energy of a phrase as loud as most of a song, drawn for each song, and by how much louder phrases have more."""


def read_sound(path: Path | str) -> Audio:
    """The sound of a file as synthetic songs have it: one channel, 24 kHz.

    Raises:
        FormatError: no sound that can be read.
    """
    return Audio(np.concatenate(list(_resampled(path)))[:, None], SAMPLE_RATE)


def draw_excerpt(sound: Audio, given: GivenBeats, seconds: Number, rng: np.random.Generator) -> Song:
    """At most ``seconds`` of the song from a moment that is drawn, and so is the style in which it is danced.

    Raises:
        DataError: fewer than two phrases of it have beats.
    """
    offset = _draw_offset(sound.seconds, given, float(seconds), rng)
    first = round(offset * SAMPLE_RATE)
    samples = sound.samples[first : first + round(seconds * SAMPLE_RATE)]
    audio = Audio(samples, SAMPLE_RATE)
    part = GivenBeats(
        beats=_within(given.beats - offset, audio.seconds), downbeats=_within(given.downbeats - offset, audio.seconds)
    )
    beats = danced_beats(part) if len(part.beats) > 2 else part.beats
    if len(beats) < _FEWEST_BEATS:
        raise DataError(f"a dance needs {_FEWEST_BEATS} beats, and {seconds:g} seconds of the song have {len(beats)}")
    energies = _energies(audio.mono, beats, rng)
    return Song(
        audio=audio,
        style=str(rng.choice(STYLES)),
        tempo=60 / float(np.diff(beats).mean()),
        beats=beats,
        sections=("given",) * len(energies),
        energies=tuple(energies.tolist()),
        genre=GENRE,
        music_beats=part.beats,
        downbeats=part.downbeats,
    )


def _resampled(path: Path | str) -> Iterator[np.ndarray]:
    mixer: Mixer | None = None
    for piece in read_pieces(path):
        if mixer is None:
            mixer, resampler = Mixer(piece.sample_rate), Resampler(piece.sample_rate, SAMPLE_RATE)
        yield resampler.push(mixer.push(piece.samples))
    yield resampler.push(np.zeros(0, np.float32), last=True)


def _draw_offset(length: float, given: GivenBeats, seconds: float, rng: np.random.Generator) -> float:
    """Where beats are, and neither before the start nor after the end of the song."""
    latest = max(0.0, length - seconds)
    from_, to = given.beats[0] - 2, given.beats[-1] - seconds
    return float(np.clip(rng.uniform(from_, max(from_, to)), 0, latest))


def _within(times: Float[np.ndarray, "_"], seconds: float) -> Float[np.ndarray, "_"]:
    return times[(times >= 0) & (times < seconds - 1e-6)]


def _energies(
    samples: Float[np.ndarray, "N"], beats: Float[np.ndarray, "K"], rng: np.random.Generator
) -> Float[np.ndarray, "P"]:
    """Louder phrases have more."""
    starts = np.append(beats[::PHRASE_BEATS], len(samples) / SAMPLE_RATE)
    edges = np.round(starts * SAMPLE_RATE).astype(int)
    # The last phrase may have no more than a moment.
    power = [float(np.mean(samples[start : max(stop, start + 1)] ** 2)) for start, stop in pairwise(edges)]
    decibels = 10 * np.log10(np.maximum(power, 1e-9))
    usual = rng.uniform(*_ENERGY)
    return np.clip(usual + _ENERGY_PER_DECIBEL * (decibels - np.median(decibels)), 0.05, 1.0)
