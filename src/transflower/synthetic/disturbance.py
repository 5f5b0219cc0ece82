"""Disturbed songs: noise over the music or in its place.

A model trained on music alone fails where there is none: no single column of an applause or of a distorted guitar is
louder than some music is, but all of them are loud all the time, and the dances diverge. A model that has seen such
sounds in training keeps dancing. Shape letters: N samples, K beats, P phrases.
"""

import numpy as np
from jaxtyping import Bool, Float

from transflower.synthetic.curves import PHRASE_BEATS
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.noises import draw_noise

_USES = {"bed": 0.3, "breaks": 0.35, "alone": 0.2, "driven": 0.15}
"""How often noise lies under the song, takes its place in some phrases or throughout, and the song is distorted."""
_BED_DECIBELS = (-25.0, 10.0)
"""Of noise under a song, against the song."""
_BREAK_SHARE = (0.2, 0.6)
"""Of the phrases, in a song with breaks."""
_DRIVE_DECIBELS = (10.0, 45.0)
_LEVEL_DECIBELS = (-35.0, 2.0)
"""Root mean square of the result, relative to full scale, at which it is clipped."""


def disturb(
    samples: Float[np.ndarray, "N"], beats: Float[np.ndarray, "K"], rng: np.random.Generator
) -> Float[np.ndarray, "N"]:
    """The song with noise in one of these ways; samples lie between -1 and 1."""
    use = str(rng.choice(list(_USES), p=list(_USES.values())))
    song = samples / _level(samples)
    noise = draw_noise(len(song), rng)
    if use == "driven":
        mix = np.tanh(_ratio(rng.uniform(*_DRIVE_DECIBELS)) * song)
    elif use == "bed":
        mix = song + _ratio(rng.uniform(*_BED_DECIBELS)) * noise
    else:
        mix = np.where(_is_break(len(song), beats, rng) if use == "breaks" else True, noise, song)
    loud = _ratio(rng.uniform(*_LEVEL_DECIBELS)) * mix / _level(mix)
    return np.clip(loud, -1, 1).astype(np.float32)


def _is_break(num_samples: int, beats: Float[np.ndarray, "K"], rng: np.random.Generator) -> Bool[np.ndarray, "N"]:
    """Whether each sample lies in a phrase without music; what comes before the first beat belongs to phrase 0."""
    starts = np.round(beats[::PHRASE_BEATS] * SAMPLE_RATE).astype(int)
    silent = rng.random(len(starts)) < rng.uniform(*_BREAK_SHARE)
    silent[int(rng.integers(len(starts)))] = True
    edges = np.concatenate([[0], starts[1:], [num_samples]])
    return np.repeat(silent, np.diff(edges))


def _level(samples: Float[np.ndarray, "N"]) -> float:
    """Root mean square, never 0."""
    return max(float(np.sqrt(np.mean(samples**2))), 1e-6)


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))
