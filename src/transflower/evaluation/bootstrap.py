"""Intervals of numbers by the bootstrap over recordings.

Recordings are drawn with replacement, as many as there are, 2,000 times by default. The 95 % interval lies between
percentiles of the numbers of these draws. Where draws are biased, as distances between distributions are, which grow
where a recording is drawn twice, they are moved so that their mean is the number itself. Fewer than four recordings
have no interval: the few different draws of them say little.

Shape letters: R draws, K recordings, X numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Int

from transflower.core.seeds import derive_seed
from transflower.evaluation.metric import Metric, Number
from transflower.evaluation.system import Setting, System

Part = TypeVar("Part")
DRAWS = 2000
_PERCENTILES = (2.5, 97.5)
_FEWEST = 4


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    """NaN where there are too few recordings for an interval."""
    high: float
    recordings: int
    """How many it was measured on."""


def estimate(metric: Metric[Part], system: System, setting: Setting, *, draws: int = DRAWS) -> dict[str, Estimate]:
    """The numbers of a metric with their 95 % intervals.

    Raises:
        NotMeasurable: the system lacks what it takes.
    """
    parts = list(metric.parts(system, setting).values())
    found = metric.combine(parts, system, setting)
    drawn: Mapping[str, np.ndarray] = {key: np.zeros(0) for key in metric.numbers}
    if len(parts) >= _FEWEST:
        drawn = metric.resample(parts, _chosen(len(parts), draws, setting.seed), system, setting)
    return {key: _around(found[key], drawn[key], len(parts), metric, number) for key, number in metric.numbers.items()}


def mean_interval(values: Sequence[float], *, seed: int = 0, draws: int = DRAWS) -> Estimate:
    """The mean of a value of each recording with its 95 % interval; recordings without one are left out."""
    known: Float[np.ndarray, " K"] = np.array([value for value in values if np.isfinite(value)], float)
    if len(known) < 2:
        value = float(known[0]) if len(known) else np.nan
        return Estimate(value=value, low=np.nan, high=np.nan, recordings=len(known))
    drawn = np.random.default_rng(seed).integers(len(known), size=(draws, len(known)))
    low, high = _interval(known[drawn].mean(axis=1))
    return Estimate(value=float(known.mean()), low=float(low), high=float(high), recordings=len(known))


def interval_of_means(
    values: Float[np.ndarray, "K X"], seed: int
) -> tuple[Float[np.ndarray, " X"], Float[np.ndarray, " X"]]:
    """The 95 % intervals of means over recordings; NaN where these are too few."""
    if len(values) < _FEWEST:
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    low, high = _interval(values[_chosen(len(values), DRAWS, seed)].mean(axis=1))
    return low, high


def _chosen(count: int, draws: int, seed: int) -> Int[np.ndarray, "R K"]:
    return np.random.default_rng(derive_seed(seed, "bootstrap")).integers(count, size=(draws, count))


def _interval(drawn: Float[np.ndarray, "R *X"]) -> Float[np.ndarray, "2 *X"]:
    return np.percentile(drawn, _PERCENTILES, axis=0)


def _around(
    value: float, drawn: Float[np.ndarray, " R"], recordings: int, metric: Metric[Part], number: Number
) -> Estimate:
    known = drawn[np.isfinite(drawn)]
    if len(known) == 0 or not np.isfinite(value):
        return Estimate(value=value, low=np.nan, high=np.nan, recordings=recordings)
    low, high = _interval(known)
    if metric.is_biased_by_draws:
        low, high = np.clip(np.array([low, high]) - known.mean() + value, *number.bounds)
    return Estimate(value=value, low=float(low), high=float(high), recordings=recordings)
