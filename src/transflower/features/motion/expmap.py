"""Exponential map: axis times angle in radians, without jumps in time. The published representation.

Shape letters: T frames, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.features.motion.representation import REPRESENTATIONS, Representation
from transflower.motion import rotations as rot

_TURN = 2 * np.pi


@REPRESENTATIONS.register("expmap")
class ExponentialMap(Representation):
    """Three columns a joint."""

    suffixes = ("alpha", "beta", "gamma")
    rest = (0.0, 0.0, 0.0)

    def encode(
        self, quaternions: Float[np.ndarray, "T J 4"], near: Float[np.ndarray, "J 3"]
    ) -> Float[np.ndarray, "T J 3"]:
        """Every frame has the number of whole turns that leads nearest to the frame before, the first to ``near``."""
        return unroll(rot.to_expmap(quaternions), near)

    def decode(self, columns: Float[np.ndarray, "T J 3"]) -> Float[np.ndarray, "T J 4"]:
        """Any number of turns is fine."""
        return rot.from_expmap(columns)


def unroll(vectors: Float[np.ndarray, "T J 3"], near: Float[np.ndarray, "J 3"]) -> Float[np.ndarray, "T J 3"]:
    """Add whole turns to rotation vectors so that each is nearest to the one a frame earlier, the first to ``near``."""
    angles = np.linalg.norm(vectors, axis=-1, keepdims=True)
    is_turned = angles > 1e-9
    axes = np.divide(vectors, angles, out=np.zeros_like(vectors), where=is_turned)
    unrolled = np.empty_like(vectors)
    previous = near
    for frame in range(len(vectors)):
        # No rotation has every axis: it may stay on the axis that the joint turned about before.
        axis = np.where(is_turned[frame], axes[frame], _normalised(previous))
        turns = np.round((np.sum(previous * axis, axis=-1, keepdims=True) - angles[frame]) / _TURN)
        unrolled[frame] = vectors[frame] + axis * turns * _TURN
        previous = unrolled[frame]
    return unrolled


def _normalised(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
