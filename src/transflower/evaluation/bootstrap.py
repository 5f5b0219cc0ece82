"""Intervals of numbers by the bootstrap over recordings.

Recordings are drawn with replacement, as many as there are, 2,000 times by default. The 95 % interval lies between
percentiles of the numbers of these draws. Where draws are biased, as distances between distributions are, which grow
where a recording is drawn twice, they are moved so that their mean is the number itself. Fewer than four recordings
have no interval: the few different draws of them say little.

The same recordings are drawn for all systems. So the difference of two systems is taken of each draw: recordings that
are hard for both do not make it uncertain, and its interval may tell two systems apart whose own intervals overlap.

Shape letters: R draws, K recordings, X numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from transflower.core.seeds import derive_seed
from transflower.evaluation.metric import Metric
from transflower.evaluation.system import Setting, System

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Bootstrapped:
    """The numbers of a metric, of all recordings and of draws of them."""

    metric: Metric[Any]
    recordings: tuple[str, ...]
    """Ids of those that it was measured on."""
    values: Mapping[str, float]
    drawn: Mapping[str, Float[np.ndarray, " _"]]
    """Key of a number -> its value in each draw; none where there are too few recordings."""

    def estimates(self) -> dict[str, Estimate]:
        """The numbers with their 95 % intervals."""
        return {key: self._estimate(self.values[key], self.drawn[key], key) for key in self.metric.numbers}

    def minus(self, reference: "Bootstrapped") -> dict[str, Estimate]:
        """By how much the numbers are more than those of another system on the same recordings.

        None of numbers that depend on how many recordings are different, or on other recordings.
        """
        if self.metric.is_biased_by_draws or self.recordings != reference.recordings:
            return {}
        return {
            key: self._estimate(self.values[key] - reference.values[key], self.drawn[key] - reference.drawn[key], key)
            for key in self.metric.numbers
        }

    def _estimate(self, value: float, drawn: Float[np.ndarray, " _"], key: str) -> Estimate:
        known, recordings = drawn[np.isfinite(drawn)], len(self.recordings)
        if len(known) == 0 or not np.isfinite(value):
            return Estimate(value=value, low=np.nan, high=np.nan, recordings=recordings)
        low, high = _interval(known)
        if self.metric.is_biased_by_draws:
            low, high = np.clip(np.array([low, high]) - known.mean() + value, *self.metric.numbers[key].bounds)
        return Estimate(value=value, low=float(low), high=float(high), recordings=recordings)


def bootstrap(metric: Metric[Any], system: System, setting: Setting, *, draws: int = DRAWS) -> Bootstrapped:
    """Measure a system, and as many draws of its recordings.

    Raises:
        NotMeasurable: the system lacks what it takes.
    """
    parts = metric.parts(system, setting)
    some = list(parts.values())
    drawn: Mapping[str, np.ndarray] = {key: np.zeros(0) for key in metric.numbers}
    if len(some) >= _FEWEST:
        drawn = metric.resample(some, _chosen(len(some), draws, setting.seed), system, setting)
    values = metric.combine(some, system, setting)
    return Bootstrapped(metric=metric, recordings=tuple(parts), values=values, drawn=drawn)


def estimate(metric: Metric[Any], system: System, setting: Setting, *, draws: int = DRAWS) -> dict[str, Estimate]:
    """The numbers of a metric with their 95 % intervals.

    Raises:
        NotMeasurable: the system lacks what it takes.
    """
    return bootstrap(metric, system, setting, draws=draws).estimates()


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
