"""Features of whole sequences, and of windows of them, scaled by those of real ones.

Shape letters: N sequences or windows, F features.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from transflower.evaluation.geometric_features import NAMES, geometric_features
from transflower.evaluation.kinetic_features import FEWEST_FRAMES, FPS, at_rate, kinetic_features
from transflower.evaluation.landmarks import clip_of, landmarks
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.system import Sample, Samples, Setting, System

Kind = Literal["kinetic", "geometric"]
KINDS: tuple[Kind, Kind] = ("kinetic", "geometric")
WINDOW_SECONDS = 5.0
"""Length of windows; the first ones of a sequence, which follow each other."""

_FEWEST_ROWS = 8
"""With fewer, a feature may vary so little among them that nothing else counts in a distance."""

Features = Callable[[Sample], Float[np.ndarray, "N F"]]


def whole(kind: Kind) -> Features:
    """The features of one kind of a whole sample, as one row."""

    def rows(sample: Sample) -> Float[np.ndarray, "1 F"]:
        return sample.once(("features", kind), lambda: _features(sample, kind, slice(None))[None])

    return rows


def of_windows(sample: Sample) -> Float[np.ndarray, "N F"]:
    """The features of both kinds of each window of a sample; none of a sample that is shorter."""

    def make() -> Float[np.ndarray, "N F"]:
        clip = clip_of(sample)
        length = round(WINDOW_SECONDS * clip.fps)
        parts = [slice(start, start + length) for start in range(0, clip.num_frames - length + 1, length)]
        rows = [np.concatenate([_features(sample, kind, part) for kind in KINDS]) for part in parts]
        return np.stack(rows) if rows else np.zeros((0, 3 * clip.skeleton.num_joints + len(NAMES)))

    return sample.once(("features", "windows"), make)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scaled:
    """Features of the data, and how those of samples are scaled like them."""

    mean: Float[np.ndarray, " _"]
    std: Float[np.ndarray, " _"]
    """Of features that are the same in all real sequences, it is infinite: they do not count."""
    real: Float[np.ndarray, "N F"]
    """Scaled features of the data."""

    def __call__(self, rows: Float[np.ndarray, "N F"]) -> Float[np.ndarray, "N F"]:
        """In standard deviations of the data, from their mean."""
        return (rows - self.mean) / self.std


def scaled_by_reference(system: System, setting: Setting, features: Features, key: str) -> Scaled:
    """The features of what a system is compared with, made once.

    Args:
        system: what is compared.
        setting: with what.
        features: rows of a sample.
        key: what the features are called.

    Raises:
        NotMeasurable: it is no motion of humanoids, or there are too few real rows.
    """

    def stacked(samples: Samples) -> Float[np.ndarray, "N F"]:
        return np.concatenate([features(sample) for some in samples.values() for sample in some])

    def make(reference: Samples) -> Scaled:
        # All systems are scaled alike, also the data whose halves are compared.
        rows = setting.once(("features", key, "all"), lambda: stacked(setting.reference))
        if len(rows) < _FEWEST_ROWS:
            raise NotMeasurable(
                f"features are scaled by those of {_FEWEST_ROWS} real sequences or windows at least, "
                f"and there are {len(rows)}; take more --sequences, or --reference all"
            )
        mean, std = rows.mean(0), rows.std(0)
        std = np.where(std > 1e-6 * np.abs(rows).max(axis=0), std, np.inf)
        return Scaled(mean=mean, std=std, real=(stacked(reference) - mean) / std)

    return setting.of_reference(system, ("features", key), make)


def _features(sample: Sample, kind: Kind, frames: slice) -> Float[np.ndarray, " F"]:
    clip = clip_of(sample)
    positions = sample.positions[frames]
    if len(positions) < FEWEST_FRAMES:
        raise NotMeasurable(f"{len(positions)} frames are too few for features of a sequence")
    if kind == "kinetic":
        return kinetic_features(positions, clip.fps)
    points = landmarks(sample)
    stacked = at_rate(np.stack([where[frames] for where in points.values()], axis=1), clip.fps, FPS)
    heights = at_rate(positions, clip.fps, FPS)[..., 1]
    return geometric_features(dict(zip(points, stacked.swapaxes(0, 1), strict=True)), heights.min(axis=1))
