"""How samples of several minutes change as they go on, beside what real sequences do.

Shape letters: T frames, D columns, W stretches of time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from transflower.evaluation.motion_statistics import MotionStatistics, compare, measure
from transflower.evaluation.system import Sample, Setting, System
from transflower.reports.rows import evaluated, flat

SECONDS = 10.0
"""Of a stretch."""
_BAND = (5.0, 95.0)
"""Percentiles of real stretches."""
_SPEED = "speed of the joints (m/s)"
_STATISTICS = {
    "std": "spread of the columns, by that of the data",
    "drift": "distance from the mean pose of the data (deviations)",
    "jitter": "change from frame to frame, by that of the data",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class DriftPanel:
    """One statistic over time."""

    title: str
    curves: Mapping[str, Float[np.ndarray, " _"]]
    """Name of a system -> the mean over its long samples, stretch by stretch."""
    low: float
    """Where 90 % of real stretches lie; NaN where the recordings are too short for one."""
    high: float


@dataclass(frozen=True, kw_only=True)
class Drift:
    """All statistics."""

    seconds: float
    """Of a stretch."""
    panels: Sequence[DriftPanel]


def drift_curves(systems: Sequence[System], setting: Setting) -> Drift | None:
    """The statistics of the systems that have long samples; None where none has."""
    long = {system.name: flat(system.long) for system in evaluated(systems) if system.long}
    if not long:
        return None
    data = _of_the_data(setting)
    frames = max(3, round(SECONDS * setting.fps))
    curves = {name: _averaged([_stretches(one, setting, data, frames) for one in some]) for name, some in long.items()}
    real = [_stretches(sample, setting, data, frames) for sample in flat(setting.real)]
    panels = []
    for title in dict.fromkeys(title for found in curves.values() for title in found):
        known = np.concatenate([one[title] for one in real if title in one] or [np.zeros(0)])
        low, high = np.percentile(known, _BAND) if len(known) else (math.nan, math.nan)
        shown = {name: found[title] for name, found in curves.items() if title in found}
        panels.append(DriftPanel(title=title, curves=shown, low=float(low), high=float(high)))
    return Drift(seconds=frames / setting.fps, panels=panels)


def _of_the_data(setting: Setting) -> MotionStatistics:
    """Of the real sequences, with the mean and the deviations by which all metrics standardise."""
    found = measure([setting.standardised(sample.rows) for sample in flat(setting.real)])
    return replace(found, mean=np.zeros_like(found.mean), std=np.ones_like(found.std))


def _stretches(
    sample: Sample, setting: Setting, data: MotionStatistics, frames: int
) -> Mapping[str, Float[np.ndarray, " W"]]:
    """Title -> the statistic of each whole stretch."""
    rows = setting.standardised(sample.rows)
    starts = range(0, len(rows) - frames + 1, frames)
    found = [compare(rows[None, start : start + frames], data).metrics() for start in starts]
    values = {title: np.array([one[name] for one in found]) for name, title in _STATISTICS.items()}
    if sample.clip is not None:
        steps = np.linalg.norm(np.diff(sample.positions, axis=0), axis=-1).mean(axis=1) * sample.clip.fps
        values = {_SPEED: np.array([steps[start : start + frames].mean() for start in starts])} | values
    return values


def _averaged(samples: Sequence[Mapping[str, Float[np.ndarray, " _"]]]) -> Mapping[str, Float[np.ndarray, " _"]]:
    """The mean over samples, as far as the shortest goes."""
    shortest = min(len(next(iter(one.values()))) for one in samples)
    if shortest == 0:
        return {}
    return {title: np.mean([one[title][:shortest] for one in samples], axis=0) for title in samples[0]}
