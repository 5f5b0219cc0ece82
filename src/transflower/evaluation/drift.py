"""What changes from minute to minute in long samples.

Shape letters: V columns that vary, K recordings, R draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.evaluation.frechet import FrechetReference, RowSums
from transflower.evaluation.freezing import frozen_share
from transflower.evaluation.metric import mean
from transflower.evaluation.system import Sample, Setting
from transflower.motion.clip import Clip

MINUTE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Minute:
    """A minute of the samples of one recording."""

    rows: RowSums
    """Of all frames, standardised."""
    slide: float
    """Centimetres a second that standing feet slide; NaN of what has no feet."""
    frozen: float
    """Share of the frames in which the body stands still; NaN of what is no motion."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MinuteStatistics:
    """A minute of draws of recordings."""

    pose_distance: Float[np.ndarray, " R"]
    """Fréchet distance of the poses from real ones."""
    spread: Float[np.ndarray, " R"]
    """Standard deviation over frames, in those of the data, averaged over columns."""
    slide: Float[np.ndarray, " R"]
    frozen: Float[np.ndarray, " R"]


def minutes(samples: Sequence[Sample], setting: Setting) -> list[Minute]:
    """The whole minutes that all samples of a recording have."""
    length = round(MINUTE_SECONDS * setting.fps)
    count = min((len(sample.rows) // length for sample in samples), default=0)
    return [_minute(samples, setting, slice(index * length, (index + 1) * length)) for index in range(count)]


def statistics(parts: Sequence[Minute], drawn: Int[np.ndarray, "R K"], reference: FrechetReference) -> MinuteStatistics:
    """Those of one minute of several recordings, for draws of them."""
    weights = np.stack([np.bincount(row, minlength=len(parts)) for row in drawn]).astype(float)
    counts = (weights @ [float(part.rows.count) for part in parts])[:, None]
    means = weights @ np.stack([part.rows.total for part in parts]) / counts
    squares = weights @ np.stack([np.diag(part.rows.products) for part in parts]) / counts
    return MinuteStatistics(
        pose_distance=reference.distances([part.rows for part in parts], drawn),
        spread=np.sqrt((squares - means**2).clip(min=0)).mean(axis=1),
        slide=np.array([part.slide for part in parts])[drawn].mean(axis=1),
        frozen=np.array([part.frozen for part in parts])[drawn].mean(axis=1),
    )


def _minute(samples: Sequence[Sample], setting: Setting, frames: slice) -> Minute:
    clips = [sample.clip[frames] for sample in samples if sample.clip is not None]
    still = [frozen_share(sample.positions[frames], setting.fps) for sample in samples if sample.clip is not None]
    return Minute(
        rows=RowSums.joined(RowSums.of(setting.standardised(sample.rows[frames])) for sample in samples),
        slide=mean([_slide(clip) for clip in clips]),
        frozen=mean(still),
    )


def _slide(clip: Clip) -> float:
    try:
        return 100 * clip_foot_metrics(clip).skate
    except DataError:  # It has no legs.
        return float("nan")
