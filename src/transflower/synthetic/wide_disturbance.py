"""Disturbed songs of many kinds: voices and noise over the music, bad microphones, and music that stops.

Where there is no music for long, nobody can hear the beat: there the dancer only sways. Shape letters: N samples,
K beats, P phrases, G gaps.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from transflower.synthetic.crowds import babble, crowd
from transflower.synthetic.curves import PHRASE_BEATS
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.microphones import (
    clipped,
    in_room,
    through_band,
    with_gain_control,
    with_hum,
    with_tone,
)
from transflower.synthetic.noises import draw_noise

Gap = tuple[float, float]
"""From and to which second there is no music."""

_GAPS = {"none": 0.5, "short": 0.17, "long": 0.23, "all": 0.1}
"""How often there is no music for a moment, for long, or at all."""
_MANY_GAPS = {"none": 0.1, "short": 0.1, "long": 0.5, "all": 0.3}
"""The same of songs in which it often stops."""
_SHORT_SECONDS = (0.4, 3.5)
_LONG_SECONDS = (6.0, 25.0)
_SILENT = 0.4
"""Share of the gaps in which nothing is heard; in the others there is some noise."""
_BED, _BED_DECIBELS = 0.45, (-25.0, 3.0)
"""Share of the songs with noise or voices under the music, and how loud they are against it."""
_EFFECTS = (
    (0.3, in_room),
    (0.5, with_tone),
    (0.2, through_band),
    (0.12, with_hum),
    (0.2, with_gain_control),
    (0.15, clipped),
)
"""How often each happens, in this order."""
_LEVEL_DECIBELS = (-40.0, -6.0)
_EDGE_SECONDS = (0.003, 0.4)
"""How suddenly music stops and starts."""
_UNHEARD_SECONDS = 5.0
"""A gap at least as long makes a dancer who begins a phrase in it sway."""
_STARTED_SECONDS = 0.3
"""So soon after the start of a phrase music may start for it to be danced."""


def disturb_widely(
    samples: Float[np.ndarray, "N"],
    beats: Float[np.ndarray, "K"],
    rng: np.random.Generator,
    *,
    many_gaps: bool = False,
) -> tuple[Float[np.ndarray, "N"], list[Gap]]:
    """The song, disturbed, and where there is no music in it; samples lie between -1 and 1."""
    gaps = _draw_gaps(len(samples) / SAMPLE_RATE, beats, rng, chances=_MANY_GAPS if many_gaps else _GAPS)
    mix = _without_music(samples / _level(samples), gaps, rng)
    if rng.random() < _BED:
        mix = mix + _ratio(rng.uniform(*_BED_DECIBELS)) * _sound_without_beat(len(mix), rng)
    for chance, effect in _EFFECTS:
        if rng.random() < chance:
            mix = effect(mix, rng)
    loud = _ratio(rng.uniform(*_LEVEL_DECIBELS)) * mix / _level(mix)
    return np.clip(loud, -1, 1).astype(np.float32), gaps


def is_unheard(beats: Float[np.ndarray, "K"], gaps: Sequence[Gap]) -> Bool[np.ndarray, "P"]:
    """Whether each phrase begins while there is no music for long."""
    starts = beats[::PHRASE_BEATS]
    unheard = np.zeros(len(starts), bool)
    for start, stop in gaps:
        if stop - start >= _UNHEARD_SECONDS:
            unheard |= (starts >= start) & (starts < stop - _STARTED_SECONDS)
    return unheard


def _draw_gaps(
    seconds: float, beats: Float[np.ndarray, "K"], rng: np.random.Generator, *, chances: Mapping[str, float]
) -> list[Gap]:
    kind = str(rng.choice(list(chances), p=list(chances.values())))
    if kind == "none":
        return []
    if kind == "all":
        return [(0.0, seconds)]
    count = int(rng.integers(1, 5)) if kind == "short" else int(rng.integers(1, 3))
    gaps: list[Gap] = []
    for start in np.sort(rng.uniform(-1, 0.97 * seconds, count)):
        stop = start + rng.uniform(*(_SHORT_SECONDS if kind == "short" else _LONG_SECONDS))
        phrases = beats[::PHRASE_BEATS]
        if kind == "long" and rng.random() < 0.7 and phrases[-1] > stop:
            # Music that starts again mostly begins a part.
            stop = float(phrases[np.searchsorted(phrases, stop)])
        if not gaps or start > gaps[-1][1] + 1:
            gaps.append((max(0.0, float(start)), min(float(stop), seconds)))
    return gaps


def _without_music(song: Float[np.ndarray, "N"], gaps: Sequence[Gap], rng: np.random.Generator) -> np.ndarray:
    """The song with silence or noise in the gaps."""
    seconds = np.arange(len(song)) / SAMPLE_RATE
    for start, stop in gaps:
        edge = float(np.exp(rng.uniform(*np.log(_EDGE_SECONDS))))
        inside = np.minimum(seconds - start if start > 0 else np.inf, stop - seconds if stop < seconds[-1] else np.inf)
        share = np.clip(inside / edge, 0, 1)
        noise = 0.0 if rng.random() < _SILENT else _ratio(rng.uniform(-25, 3)) * _sound_without_beat(len(song), rng)
        song = (1 - share) * song + share * noise
    return song


def _sound_without_beat(num_samples: int, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """Voices, a crowd, or any noise."""
    kind = rng.random()
    if kind < 0.5:
        return draw_noise(num_samples, rng)
    sound = babble(num_samples, rng) if kind < 0.8 else crowd(num_samples, rng)
    return sound / _level(sound)


def _level(samples: Float[np.ndarray, "N"]) -> float:
    """Root mean square, never 0."""
    return max(float(np.sqrt(np.mean(samples**2))), 1e-6)


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))
