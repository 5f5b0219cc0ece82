"""Precision, recall, density and coverage of samples by nearest neighbours.

Every point has a ball that reaches to its k-th nearest neighbour of the same set.

Shape letters: N real points, M samples, F features.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial.distance import cdist

NEIGHBOURS = 5
"""k."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhood:
    """Which samples lie in balls of real points, and the other way round."""

    real_balls: Int[np.ndarray, " M"]
    """How many balls of real points each sample is in."""
    covers: Bool[np.ndarray, "M N"]
    """Whether each sample is in the ball of each real point."""
    recalls: Bool[np.ndarray, "M N"]
    """Whether each real point is in the ball of each sample."""


def neighbourhood(real: Float[np.ndarray, "N F"], samples: Float[np.ndarray, "M F"]) -> Neighbourhood:
    """That of points, of which each set has more than ``NEIGHBOURS``."""
    between = cdist(samples, real)
    covers, recalls = between <= _radii(real), between <= _radii(samples)[:, None]
    return Neighbourhood(real_balls=covers.sum(axis=1), covers=covers, recalls=recalls)


def _radii(points: np.ndarray) -> np.ndarray:
    # The nearest point of each is itself.
    return np.asarray(np.partition(cdist(points, points), NEIGHBOURS, axis=1)[:, NEIGHBOURS])
