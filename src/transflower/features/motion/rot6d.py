"""6-D rotation: the first two columns of the rotation matrix (Zhou et al. 2019, arXiv 1812.07035).

Continuous and without turns to count, at twice the width of the exponential map.

Shape letters: T frames, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.features.motion.representation import REPRESENTATIONS, Representation
from transflower.motion import rotations as rot

_TINY = 1e-6


@REPRESENTATIONS.register("rot6d")
class Rotation6D(Representation):
    """Six columns a joint: where its X axis points, then where its Y axis points."""

    suffixes = ("xx", "xy", "xz", "yx", "yy", "yz")
    rest = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    def encode(
        self, quaternions: Float[np.ndarray, "T J 4"], near: Float[np.ndarray, "J 6"]
    ) -> Float[np.ndarray, "T J 6"]:
        """Both axes have length 1 and are at right angles; there is one way only."""
        return rot.to_rot6d(quaternions)

    def decode(self, columns: Float[np.ndarray, "T J 6"]) -> Float[np.ndarray, "T J 4"]:
        """Gram-Schmidt: the X axis is kept, and lengths do not matter.

        An axis of length 0, or a Y axis along X, is replaced by a valid one.
        """
        x_axis = _unit(columns[..., :3], instead=np.array([1.0, 0.0, 0.0]))
        y_axis = _unit(columns[..., 3:], instead=np.array([0.0, 1.0, 0.0]))
        is_parallel = np.linalg.norm(np.cross(x_axis, y_axis), axis=-1, keepdims=True) < _TINY
        y_axis = np.where(is_parallel, _least_aligned(x_axis), y_axis)
        return rot.from_rot6d(np.concatenate([x_axis, y_axis], axis=-1))


def _unit(vectors: np.ndarray, instead: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    is_tiny = lengths < _TINY
    return np.where(is_tiny, instead, vectors / np.where(is_tiny, 1.0, lengths))


def _least_aligned(vectors: np.ndarray) -> np.ndarray:
    return np.eye(3)[np.argmin(np.abs(vectors), axis=-1)]
