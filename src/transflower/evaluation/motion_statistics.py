"""Whether free-running samples keep the statistics of the data: spread, drift, jitter, freezing.

Likelihood does not show these: a model with the best likelihood may diverge or freeze within seconds of free-running
generation. Features are compared column by column, in standard deviations of the data.

Shape letters: S samples, T frames, D columns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.core.moments import CONSTANT_STD, Moments

FROZEN_SHARE_OF_STEP = 0.1
"""A frame counts as frozen if it changes by less than this share of the data's typical change."""
STATISTICS = ("std", "std_first", "std_last", "std_slow", "drift", "jitter", "frozen", "frozen_data")
"""Names of the metrics of samples beside data."""
SLOW_FRAMES = 9
"""Frames of a moving average, which removes jitter from frame to frame."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MotionStatistics:
    """What real sequences look like, column by column."""

    mean: Float[np.ndarray, " D"]
    """Mean over all frames."""
    std: Float[np.ndarray, " D"]
    """Standard deviation over all frames."""
    slow_std: Float[np.ndarray, " D"]
    """The same of moving averages over ``SLOW_FRAMES`` frames, or over all where a sequence has fewer."""
    step: Float[np.ndarray, " D"]
    """Root mean square of the change from frame to frame."""
    frozen: float
    """Share of frames that hardly move."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleStatistics:
    """Samples against data: everything is 1 (``drift`` 0) where the samples move like the data.

    Samples that are not finite give metrics that are not finite.
    """

    std: float
    """Spread over samples and frames / spread of the data, averaged over columns."""
    std_first: float
    """The same over the first third of the frames."""
    std_last: float
    """The same over the last third: above 1 the samples diverge, below 1 they die down."""
    std_slow: float
    """The same of moving averages. Where it is well below ``std``, the spread is jitter from frame to frame."""
    drift: float
    """Root mean square over columns of the distance between means, in standard deviations of the data."""
    jitter: float
    """Change from frame to frame / that of the data, averaged over columns."""
    frozen: float
    """Share of frames that hardly move."""
    frozen_data: float
    """The same share in the data."""
    column_std: Float[np.ndarray, " D"]
    """``std`` of each column; NaN where the data are constant."""
    column_drift: Float[np.ndarray, " D"]
    """Signed distance of means of each column, in standard deviations; NaN where the data are constant."""

    def metrics(self) -> dict[str, float]:
        """The scalars by name, for logs and tables."""
        return {name: float(getattr(self, name)) for name in STATISTICS}


def measure(sequences: Iterable[Float[np.ndarray, "_ D"]]) -> MotionStatistics:
    """Statistics of real sequences (of any lengths), once per data set.

    Raises:
        DataError: no sequence has two frames.
    """
    arrays = [np.asarray(sequence, np.float64) for sequence in sequences]
    if not any(len(array) > 1 for array in arrays):
        raise DataError("statistics of motion need a sequence of at least two frames")
    # Array by array: all frames together, several times over, would not fit into caches, or into memory.
    mean, std = _moments(arrays)
    _, slow_std = _moments([_averaged(array) for array in arrays if len(array)])
    steps = [np.diff(array, axis=0) for array in arrays if len(array) > 1]
    count = sum(map(len, steps))
    step = np.sqrt(sum(np.square(part).sum(0) for part in steps) / count)
    frozen = sum(len(part) * _frozen(part, std, step) for part in steps) / count
    return MotionStatistics(mean=mean, std=std, slow_std=slow_std, step=step, frozen=frozen)


def compare(samples: Float[np.ndarray, "S T D"], data: MotionStatistics) -> SampleStatistics:
    """Statistics of free-running samples relative to those of the data, in the same features.

    Raises:
        DataError: samples of other columns, or of fewer than three frames.
    """
    samples = np.asarray(samples, np.float64)
    if samples.ndim != 3 or samples.shape[2] != len(data.mean) or samples.shape[1] < 3 or not len(samples):
        raise DataError(f"samples must be [S, T >= 3, D = {len(data.mean)}], got shape {samples.shape}")
    third = samples.shape[1] // 3
    varying = data.std > CONSTANT_STD
    std, slow_std = (np.where(varying, spread, np.nan) for spread in (data.std, data.slow_std))
    step = np.where(data.step > 0, data.step, np.nan)
    with np.errstate(all="ignore"):  # divergence is reported by the metrics, not as a warning
        steps = np.diff(samples, axis=1).reshape(-1, samples.shape[2])
        column_std = _spread(samples) / std
        column_drift = (samples.mean((0, 1)) - data.mean) / std
        return SampleStatistics(
            std=_mean(column_std, varying),
            std_first=_mean(_spread(samples[:, :third]) / std, varying),
            std_last=_mean(_spread(samples[:, -third:]) / std, varying),
            std_slow=_mean(_spread(_averaged(samples)) / slow_std, varying),
            drift=float(np.sqrt(_mean(column_drift**2, varying))),
            jitter=_mean(np.sqrt(np.mean(steps**2, axis=0)) / step, varying),
            frozen=_frozen(steps, data.std, data.step),
            frozen_data=data.frozen,
            column_std=column_std,
            column_drift=column_drift,
        )


def _moments(arrays: Sequence[np.ndarray]) -> Moments:
    """Mean and standard deviation of the rows of all."""
    count = sum(map(len, arrays))
    mean = sum(array.sum(0) for array in arrays) / count
    return mean, np.sqrt(sum(np.square(array - mean).sum(0) for array in arrays) / count)


def _averaged(frames: Float[np.ndarray, "*S T D"]) -> Float[np.ndarray, "*S _ D"]:
    """Moving averages over time."""
    size = min(SLOW_FRAMES, frames.shape[-2])
    return np.lib.stride_tricks.sliding_window_view(frames, size, axis=-2).mean(axis=-1)


def _spread(samples: np.ndarray) -> np.ndarray:
    return np.asarray(samples.std((0, 1)))


def _mean(columns: np.ndarray, varying: np.ndarray) -> float:
    # Not nanmean: it would hide a sample that is not finite.
    return float(columns[varying].mean()) if varying.any() else float("nan")


def _frozen(steps: np.ndarray, std: np.ndarray, step: np.ndarray) -> float:
    varying = std > CONSTANT_STD
    scaled = steps[:, varying] / std[varying]
    typical = np.sqrt(np.mean((step[varying] / std[varying]) ** 2))
    return float(np.mean(np.sqrt(np.mean(scaled**2, axis=1)) < FROZEN_SHARE_OF_STEP * typical))
