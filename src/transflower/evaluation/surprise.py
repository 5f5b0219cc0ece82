"""Where a dance is surprising: stretches that are far less likely than the rest of it.

The mean of the log-likelihood over 0.2 seconds is compared with the rest of the dance: a stretch is marked where it
lies 6 deviations below the median (deviations from the median absolute one, and not less than 0.05). That finds more
planted faults than the mean of a longer window, and than likelihood beside that of what the model would draw there:
after a fault the model draws what is odd, too (``benchmarks.faults``).

Shape letters: T frames.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import percentile_filter, uniform_filter1d

from transflower.generation.group_likelihood import GroupLikelihood
from transflower.motion.faults.spans import spans

SMOOTH_SECONDS = 0.2
"""Over which likelihood is averaged: a glitch of one frame still stands out, and noise does not."""
WARM_SECONDS = 1.0
"""At the beginning, where the model has seen too little of the dance."""
_DEVIATIONS, _LEAST_DEVIATION = 6.0, 0.05
_GAP_SECONDS = 0.5
"""Between two stretches; nearer ones are one."""
_TYPICAL_SECONDS, _TYPICAL_PERCENTILES = 4.0, (5, 95)
"""Around a frame, of which the means over 0.2 seconds of what the model draws say what is typical there."""
_CONCERNED = 0.5
"""Parts that are at least so surprising, beside the most surprising one, are told too."""

Frames = Float[np.ndarray, " T"]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A surprising stretch."""

    start: float
    """Second of its beginning."""
    stop: float
    """Second of its end."""
    parts: tuple[str, ...]
    """Groups of columns that are surprising at its beginning, the most surprising first."""
    lowest: float
    """Its least mean log-likelihood over 0.2 seconds, in nats per dimension."""
    deviations: float
    """By how many deviations that is below the median of the dance."""


def smooth(values: Frames, fps: float, seconds: float = SMOOTH_SECONDS) -> Frames:
    """Means over so many seconds around each frame."""
    return uniform_filter1d(values.astype(float), max(1, round(seconds * fps)), mode="nearest")


def typical_range(likelihood: GroupLikelihood, fps: float) -> tuple[Frames, Frames]:
    """Between which log-likelihoods 90 % of the means over 0.2 seconds of what the model draws around a frame lie."""
    first = min(round(WARM_SECONDS * fps), len(likelihood.typical) - 1)
    values, width = smooth(likelihood.typical[first:], fps), max(1, round(_TYPICAL_SECONDS * fps))
    ends = (percentile_filter(values, percent, size=width, mode="nearest") for percent in _TYPICAL_PERCENTILES)
    low, high = (np.concatenate([np.full(first, end[0]), end]) for end in ends)
    return low, high


def surprising_stretches(likelihood: GroupLikelihood, fps: float, *, start: float = WARM_SECONDS) -> list[Stretch]:
    """The stretches that stand out after ``start`` seconds, the least likely first."""
    first = min(round(start * fps), len(likelihood.whole))
    values = smooth(likelihood.whole[first:], fps)
    if not len(values):
        return []
    deviations = _deviations_below(values)
    groups = {name: rows[first:].astype(float) for name, rows in likelihood.group_surprise.items()}
    found = []
    for begin, last in spans(deviations > _DEVIATIONS, gap=round(_GAP_SECONDS * fps) - 1):
        end = last + 1
        found.append(
            Stretch(
                start=(first + begin) / fps,
                stop=(first + end) / fps,
                parts=_concerned(groups, begin, end, round(SMOOTH_SECONDS * fps)),
                lowest=float(values[begin:end].min()),
                deviations=float(deviations[begin:end].max()),
            )
        )
    return sorted(found, key=lambda stretch: stretch.lowest)


def _deviations_below(values: Frames) -> Frames:
    middle = np.median(values)
    deviation = 1.4826 * np.median(np.abs(values - middle))
    return (middle - values) / max(float(deviation), _LEAST_DEVIATION)


def _concerned(groups: Mapping[str, Frames], begin: int, end: int, width: int) -> tuple[str, ...]:
    """Groups that are surprising in the first surprising frame: after it, the model's past is odd everywhere."""
    if not groups:
        return ()
    here = slice(max(0, begin - width), end + width)
    rows = {name: values[here] for name, values in groups.items()}
    highest = np.max(list(rows.values()), axis=0)
    first = int(np.argmax(highest >= _CONCERNED * highest.max()))
    names = [name for name, values in rows.items() if 0 < _CONCERNED * highest[first] <= values[first]]
    return tuple(sorted(names, key=lambda name: -rows[name][first]))
