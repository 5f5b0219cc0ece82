"""Makes the examples: renders songs, disturbs half of what it renders, and keeps what the network hears of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Bool, Float, Float32

from recipes.beat_network.disturbances import disturb
from recipes.beat_network.examples import make_example
from recipes.beat_network.grids import has_clear_bars
from recipes.beat_network.tracked import agreed_beats, read_sound, read_tempi
from recipes.beat_network.variants import vary
from recipes.midi import MidiSong, Renderer, read_grid
from transflower.core.errors import DataError
from transflower.core.seeds import derive_seed, generator
from transflower.features.audio.beat_activations import SAMPLE_RATE
from transflower.synthetic.crowds import babble, crowd
from transflower.synthetic.noises import draw_noise
from transflower.synthetic.songs import make_song
from transflower.synthetic.wide_songs import make_wide_song

_SECONDS = 60.0
_NOISE_SECONDS = 25
_METRONOME_SECONDS, _METRONOME_BPM = 25, (50.0, 210.0)
_DISTURBED = 0.5
_TEMPI = "LICENSE-MUSIC"
"""The file that says how fast each recording is."""
_PLAIN = 0.2
"""Share of the synthetic songs that are of the four plain styles."""


def midi_examples(
    songs: Sequence[MidiSong], renderers: Sequence[Renderer], folder: Path, variants: range
) -> Iterator[Path]:
    """Examples of every song, rendered with each soundfont in turn."""
    for variant in variants:
        for song in songs:
            path = folder / f"{song.name}_{variant}.npz"
            if not path.exists():
                rng = generator(variant, "beats", song.name)
                data = vary(song.data, rng, seconds=_SECONDS)
                sound, _ = soundfile.read(renderers[variant % len(renderers)].render(data), dtype="float32")
                grid = read_grid(data)
                _keep(path, sound, grid.beats, grid.is_downbeat, rng, knows_downbeats=has_clear_bars(song.data))
            yield path


def synthetic_examples(folder: Path, numbers: range) -> Iterator[Path]:
    """Examples of the package's synthetic songs."""
    for number in numbers:
        path = folder / f"{number}.npz"
        if not path.exists():
            rng = generator(number, "beats")
            make = make_song if rng.random() < _PLAIN else make_wide_song
            song = make(derive_seed(number, "beats"), _SECONDS)
            _keep(path, song.audio.mono, song.music_beats, np.isin(song.music_beats, song.downbeats), rng)
        yield path


def recorded_examples(songs: Path, folder: Path, variants: range) -> Iterator[Path]:
    """Examples of recordings with stated tempi whose beats are clear; which of them are downbeats is not known.

    Raises:
        DataError: nothing below the folder says how fast the recordings are.
    """
    stated = sorted(songs.rglob(_TEMPI))
    if not stated:
        raise DataError(f"{songs}: there is no {_TEMPI}, which says how fast the songs are")
    tempi = read_tempi(stated[0].read_text())
    for recording in sorted(songs.rglob("*.opus")):
        sound = read_sound(recording)
        beats = agreed_beats(sound, tempi[recording.stem])
        if beats is None:
            continue
        for variant in variants:
            path = folder / f"{recording.stem}_{variant}.npz"
            if not path.exists():
                rng = generator(variant, "beats", recording.stem)
                _keep(path, sound, beats, np.zeros(len(beats), bool), rng, knows_downbeats=False)
            yield path


def metronome_examples(folder: Path, numbers: range) -> Iterator[Path]:
    """Examples of bare clicks: whoever tries the program may begin with a metronome."""
    for number in numbers:
        path = folder / f"{number}.npz"
        if not path.exists():
            rng = generator(number, "metronome")
            beats = np.arange(rng.uniform(0.1, 1), _METRONOME_SECONDS - 1, 60 / rng.uniform(*_METRONOME_BPM))
            is_accented = np.arange(len(beats)) % int(rng.integers(2, 5)) == 0
            has_accents = bool(rng.random() < 0.5)
            sound = _clicks(beats, np.where(is_accented & has_accents, 1.0, 0.4), rng)
            _keep(path, sound, beats, is_accented, rng, knows_downbeats=has_accents)
        yield path


def _clicks(
    beats: Float[np.ndarray, "K"], gains: Float[np.ndarray, "K"], rng: np.random.Generator
) -> Float32[np.ndarray, " N"]:
    """Short tones or bursts of noise; louder ones are higher."""
    at = np.arange(round(0.15 * SAMPLE_RATE)) / SAMPLE_RATE
    hertz, decay, is_noise = rng.uniform(100, 3000), rng.uniform(30, 200), rng.random() < 0.3
    sound = np.zeros(_METRONOME_SECONDS * SAMPLE_RATE, np.float32)
    for beat, gain in zip(beats, gains, strict=True):
        start = round(beat * SAMPLE_RATE)
        tone = rng.standard_normal(len(at)) if is_noise else np.sin(2 * np.pi * hertz * (1 + gain) * at)
        sound[start : start + len(at)] += np.float32(gain) * (tone * np.exp(-decay * at)).astype(np.float32)
    return sound


def noise_examples(folder: Path, numbers: range) -> Iterator[Path]:
    """Examples of sounds without a beat."""
    for number in numbers:
        path = folder / f"{number}.npz"
        if not path.exists():
            rng = generator(number, "noise")
            make = (draw_noise, babble, crowd)[int(rng.choice(3, p=(0.6, 0.2, 0.2)))]
            sound = make(_NOISE_SECONDS * SAMPLE_RATE, rng)
            sound = 0.1 * sound / (sound.std() + 1e-3)
            make_example(sound.astype(np.float32), np.zeros(0), np.zeros(0, bool)).save(path)
        yield path


def _keep(
    path: Path,
    sound: Float32[np.ndarray, " N"],
    beats: Float[np.ndarray, "K"],
    is_downbeat: Bool[np.ndarray, "K"],
    rng: np.random.Generator,
    *,
    knows_downbeats: bool = True,
) -> None:
    if rng.random() < _DISTURBED:
        sound = disturb(sound, rng)
    make_example(sound, beats, is_downbeat, knows_downbeats=knows_downbeats).save(path)
