"""Drift of the floor: the feet stand higher and higher, or lower and lower.

Shape letters: T frames, W windows.
"""

from collections.abc import Sequence

import numpy as np
import scipy  # scipy.stats is imported when it is first used
from jaxtyping import Float

from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.moving import moved_up
from transflower.motion.faults.take import Take

_LEAST_SECONDS = 10.0
_WINDOW_SECONDS = 3.0
_PERCENTILE = 5
"""Of the heights of the lowest point of the body in a window: there it stands."""
_METRES = 0.05
"""Least drift over a recording."""
_UNSTEADY = 0.2
"""Most that three quarters of the heights may be off a straight drift, as a share of it."""


def _find(take: Take) -> list[Fault]:
    line = _line(take)
    if line is None:
        return []
    metres = float(line[-1] - line[0])
    what = f"the floor {'rises' if metres > 0 else 'sinks'} by {abs(metres):.2f} m"
    return [Fault(kind="drift", first=0, last=take.clip.num_frames - 1, what=what)]


def _mend(take: Take, faults: Sequence[Fault]) -> list[Part]:
    line = _line(take)
    assert line is not None
    return [Part(moved_up(take.clip, line[0] - line), 0)]


def _line(take: Take) -> Float[np.ndarray, " T"] | None:
    """Height of the floor over time where it drifts evenly, else None."""
    if take.rig is None or take.clip.seconds < _LEAST_SECONDS:
        return None
    lower, width = take.lowest, take.frames(_WINDOW_SECONDS)
    starts = np.arange(0, len(lower) - width + 1, max(1, width // 3))
    heights = np.array([np.percentile(lower[start : start + width], _PERCENTILE) for start in starts])
    middles = starts + width / 2
    slope, offset, _, _ = scipy.stats.theilslopes(heights, middles)
    total = abs(slope) * len(lower)
    off = np.percentile(np.abs(heights - (offset + slope * middles)), 75)
    if total < _METRES or off > _UNSTEADY * total:
        return None
    return np.asarray(offset + slope * np.arange(len(lower)))


DRIFT = Detector(name="drift", about="a floor that rises or sinks over the recording", find=_find, mend=_mend)
