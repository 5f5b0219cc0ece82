"""Beats of a song whose tempo may change: steady, drifting, in steps from part to part, or with rubato.

Shape letters: K beats.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.synthetic.curves import PHRASE_BEATS

_KINDS = {"steady": 0.5, "drifting": 0.2, "stepped": 0.15, "rubato": 0.15}
_DRIFT = 0.1
"""Most that the tempo drifts from one end of the song to the other, as a share of it."""
_STEP = 0.1
_STEP_CHANCE = 0.3
"""That the tempo steps at the end of a phrase."""
_RUBATO = (0.015, 0.06)
"""Standard deviation of the tempo, as a share of it."""
_RUBATO_BEATS = (1.5, 6.0)
"""How long it stays faster or slower."""


def draw_beats(
    tempo: float, *, limits: tuple[float, float], first: float, seconds: float, rng: np.random.Generator
) -> Float[np.ndarray, "K"]:
    """Beats from ``first`` to well beyond ``seconds``; the tempo, in beats per minute, stays within ``limits``."""
    count = int(np.ceil(seconds * limits[1] / 60)) + 4 * PHRASE_BEATS
    tempi = np.clip(tempo * np.exp(_log_changes(count, rng)), *limits)
    return first + np.concatenate([[0.0], np.cumsum(60 / tempi)])


def _log_changes(count: int, rng: np.random.Generator) -> Float[np.ndarray, "K"]:
    kind = str(rng.choice(list(_KINDS), p=list(_KINDS.values())))
    if kind == "drifting":
        return rng.uniform(-_DRIFT, _DRIFT) * np.linspace(-0.5, 0.5, count)
    if kind == "stepped":
        phrases = -(-count // PHRASE_BEATS)
        steps = rng.uniform(-_STEP, _STEP, phrases)
        changes = rng.random(phrases) < _STEP_CHANCE
        parts = np.maximum.accumulate(np.where(changes, np.arange(phrases), 0))
        return np.repeat(steps[parts], PHRASE_BEATS)[:count]
    if kind == "rubato":
        width = rng.uniform(*_RUBATO_BEATS)
        noise = gaussian_filter1d(rng.standard_normal(count), width, mode="wrap")
        return rng.uniform(*_RUBATO) * noise * np.sqrt(2 * np.sqrt(np.pi) * width)
    return np.zeros(count)
