"""Intervals of numbers by the bootstrap over recordings.

Recordings are drawn with replacement, as many as there are, 2,000 times by default. The numbers of the draws give the
95 % interval by their percentiles, moved so that the draws have the mean of the estimate: recordings that are drawn
twice bring distances between distributions up, whatever is measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from transflower.core.seeds import derive_seed
from transflower.evaluation.metric import Metric
from transflower.evaluation.system import Setting, System

Part = TypeVar("Part")
DRAWS = 2000
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    """NaN where there are too few recordings for an interval."""
    high: float
    recordings: int
    """How many it was measured on."""


def estimate(
    metric: Metric[Part], system: System, setting: Setting, *, draws: int = DRAWS
) -> dict[str, Estimate]:
    """The numbers of a metric with their 95 % intervals.

    Raises:
        NotMeasurable: the system has not what it takes.
    """
    parts = list(metric.parts(system, setting).values())
    found = metric.combine(parts, system, setting)
    generator = np.random.default_rng(derive_seed(setting.seed, "bootstrap"))
    drawn: dict[str, list[float]] = {key: [] for key in metric.numbers}
    for chosen in generator.integers(len(parts), size=(draws if len(parts) > 1 else 0, len(parts))):
        numbers = metric.combine([parts[index] for index in chosen], system, setting)
        for key in metric.numbers:
            drawn[key].append(numbers[key])
    return {key: _around(found[key], drawn[key], len(parts)) for key in metric.numbers}


def _around(value: float, drawn: list[float], recordings: int) -> Estimate:
    known = np.array([number for number in drawn if np.isfinite(number)])
    if len(known) == 0 or not np.isfinite(value):
        return Estimate(value=value, low=np.nan, high=np.nan, recordings=recordings)
    low, high = np.percentile(known, _PERCENTILES) - known.mean() + value
    return Estimate(value=value, low=float(low), high=float(high), recordings=recordings)
