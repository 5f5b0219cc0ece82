"""Where the poses of each system lie on the first two principal components of the real ones.

Shape letters: T frames, V columns that vary, N points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.evaluation.options import REAL
from transflower.evaluation.system import Sample, Setting, System
from transflower.reports.rows import evaluated, flat

_MOST_POINTS = 700
"""Of a system: more hide each other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PoseMap:
    """Poses as points."""

    shares: tuple[float, float]
    """Of the variance of the real poses, along both components."""
    points: Mapping[str, Float[np.ndarray, "N 2"]]
    """Name of a system -> poses, evenly taken, in deviations of the real ones along each component."""


def pose_map(systems: Sequence[System], setting: Setting) -> PoseMap | None:
    """The map; None of fewer than three real frames, or where fewer than two columns vary."""
    real = _poses(flat(setting.real), setting)
    if len(real) < 3 or real.shape[1] < 2:
        return None
    mean = real.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov((real - mean).T))
    scales = np.sqrt(np.maximum(variances[:-3:-1], 1e-12))
    onto = directions[:, :-3:-1] / scales
    poses = {REAL: real} | {one.name: _poses(flat(one.samples), setting) for one in evaluated(systems)}
    first, second = (scales**2 / max(variances.sum(), 1e-12)).tolist()
    return PoseMap(shares=(first, second), points={name: _taken(some - mean) @ onto for name, some in poses.items()})


def _poses(samples: Sequence[Sample], setting: Setting) -> Float[np.ndarray, "_ V"]:
    rows = np.concatenate([setting.standardised(sample.rows) for sample in samples])
    return rows[np.isfinite(rows).all(axis=1)]


def _taken(rows: Float[np.ndarray, "_ V"]) -> Float[np.ndarray, "_ V"]:
    return rows[np.linspace(0, len(rows) - 1, min(_MOST_POINTS, len(rows))).round().astype(int)]
