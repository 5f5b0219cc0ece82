"""The frame rate of an animation, which glTF files do not tell.

Shape letters: K keys.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from transflower.core.numbers import MOST_FPS

USUAL = (30.0, 24.0, 25.0, 60.0, 50.0, 48.0, 72.0, 90.0, 100.0, 120.0, 144.0, 240.0, 30000 / 1001, 24000 / 1001)
"""Frames per second that are usual; the first that explains all keys is taken."""

_DEFAULT = 30.0
_SAME_MOMENT = 0.01
"""Frames: how far from a frame a key may be, which has few digits."""
_SAME_RATE = 1e-3
_FEWEST_KEYS = 10
_LOWEST = 10.0
"""Keys that are rarer than this a second are those of an animator, not frames."""


def find_rate(times: Sequence[Float[np.ndarray, "_"]]) -> float:
    """Frames per second at which keys lie on frames.

    If the keys of the longest track are evenly spaced, it is their rate; else a usual rate, else that of the typical
    distance between keys.
    """
    longest = max(times, key=len)
    if len(longest) < 2:
        return _DEFAULT
    steps = np.diff(longest)
    mean = float((longest[-1] - longest[0]) / len(steps))
    even = longest[0] + mean * np.arange(len(longest))
    if len(longest) >= _FEWEST_KEYS and mean <= 1 / _LOWEST and np.abs(even - longest).max() < _SAME_MOMENT * mean:
        return min(_usual(1 / mean), MOST_FPS)
    start = min(float(track[0]) for track in times)
    for rate in USUAL:
        frames = [(track - start) * rate for track in times]
        if all(np.abs(frame - np.round(frame)).max() < _SAME_MOMENT for frame in frames):
            return rate
    return float(np.clip(round(1 / float(np.median(steps))), _LOWEST, 120))


def _usual(rate: float) -> float:
    """The usual or whole rate that is meant, where one is near."""
    near = min((*USUAL, float(max(1, round(rate)))), key=lambda known: abs(known - rate))
    return near if abs(near / rate - 1) < _SAME_RATE else rate
