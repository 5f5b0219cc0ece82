"""Which move is danced: motion as one of so many kinds, found in the data by k-means.

A move lasts for seconds, and no single frame shows it. A window of seconds does: it shows where the body is and how
much each part moves, whatever the phase of the beat. A model that draws the kind first, and the pose given the kind,
chooses a move once, not a little in every frame.

The window of a frame lies mostly after it, so that the kind changes when the movement does. A change of kind has a
cost, because windows between two moves resemble a third.

Shape letters: T frames, D columns of motion, S = 2 D statistics, K kinds.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError
from transflower.core.moments import CONSTANT_STD, with_floor
from transflower.features.sidecar import MovesSidecar

_MIN_STD = 0.25
"""Columns that vary less than this share of the median column count as if they varied that much."""
_STRIDE = 20
"""Frames between the windows that kinds are learnt from."""
_ITERATIONS = 30
_SHARE_BEFORE = 0.1
"""Of the window of a frame."""
_SHARE_TO_CHANGE = 0.5
"""Cost of a change of kind: the usual squared distance from the centres over this share of a window."""


def learn_moves(
    dances: Sequence[Float[np.ndarray, "_ D"]], *, kinds: int, frames: int, fps: float, of: str, seed: int
) -> MovesSidecar:
    """Kinds of windows of ``frames`` frames, by k-means from k-means++ (Arthur and Vassilvitskii 2007).

    Raises:
        DataError: nothing moves, or there are fewer windows than kinds.
    """
    from scipy.cluster.vq import kmeans2  # imported late, so that --help is quick

    rows = np.concatenate(dances)
    mean, std = with_floor((rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64)), _MIN_STD)
    varies = std >= CONSTANT_STD
    if not varies.any():
        raise DataError(f"no column of {of!r} varies: there are no moves to tell apart")
    std = np.where(varies, std, np.inf)
    windows = [_statistics((dance - mean) / std, frames)[: max(1, len(dance) - frames) : _STRIDE] for dance in dances]
    points = np.concatenate(windows)
    if (count := len(np.unique(points, axis=0))) < kinds:
        raise DataError(
            f"{count} different windows of {frames} frames are too few for {kinds} moves; ask for fewer by --kinds"
        )
    with warnings.catch_warnings():
        # A kind that no window is nearest to stays where it is, and is never danced.
        warnings.filterwarnings("ignore", message="One of the clusters is empty")
        centres, own = kmeans2(points, kinds, iter=_ITERATIONS, minit="++", seed=seed)
    usual = float(((points - centres[own]) ** 2).sum(1).mean())
    return MovesSidecar(
        fps=fps,
        of=of,
        frames=frames,
        mean=_rounded(mean),
        scale=_rounded(1 / std),
        centres=tuple(_rounded(centre) for centre in centres),
        cost_of_change=_SHARE_TO_CHANGE * frames * usual,
    )


def encode_moves(dance: Float[np.ndarray, "T D"], sidecar: MovesSidecar) -> Int[np.ndarray, "T 1"]:
    """The kind of each frame. The first and last frames are repeated before and after the sequence."""
    scaled = (dance - np.array(sidecar.mean)) * np.array(sidecar.scale)
    before = round(_SHARE_BEFORE * sidecar.frames)
    padded = np.concatenate([np.repeat(scaled[:1], before, axis=0), scaled])
    points, centres = _statistics(padded, sidecar.frames)[: len(scaled)], np.array(sidecar.centres)
    distances = (points**2).sum(1)[:, None] - 2 * points @ centres.T + (centres**2).sum(1)
    return _cheapest_path(distances, sidecar.cost_of_change)[:, None]


def _cheapest_path(costs: Float[np.ndarray, "T K"], cost_of_change: float) -> Int[np.ndarray, "T"]:
    """The kinds whose costs and changes are cheapest together (Viterbi 1967)."""
    stays = np.ones(costs.shape, bool)
    cheapest = np.zeros(len(costs), np.int64)
    total = costs[0]
    for frame in range(1, len(costs)):
        cheapest[frame] = total.argmin()
        changed = total[cheapest[frame]] + cost_of_change
        stays[frame] = total <= changed
        total = np.where(stays[frame], total, changed) + costs[frame]
    path = np.full(len(costs), total.argmin())
    for frame in range(len(costs) - 1, 0, -1):
        path[frame - 1] = path[frame] if stays[frame, path[frame]] else cheapest[frame]
    return path


def _statistics(scaled: Float[np.ndarray, "T D"], frames: int) -> Float[np.ndarray, "T S"]:
    """Mean and standard deviation of each column over the window from each frame on; the last frame is held."""
    padded = np.concatenate([scaled, np.repeat(scaled[-1:], frames, axis=0)])
    mean = _window_means(padded, frames)
    variance = _window_means(padded**2, frames) - mean**2
    return np.concatenate([mean, np.sqrt(variance.clip(0))], axis=1)


def _window_means(rows: Float[np.ndarray, "_ D"], frames: int) -> Float[np.ndarray, "T D"]:
    sums = np.concatenate([np.zeros((1, rows.shape[1])), rows.cumsum(0)])
    return (sums[frames:-1] - sums[: -frames - 1]) / frames


def _rounded(values: Float[np.ndarray, "_"]) -> tuple[float, ...]:
    """Six digits, which in a text file are short."""
    return tuple(float(f"{value:.6g}") for value in values)
