"""Exponential map: axis times angle in radians, without jumps in time. The published representation.

A joint that turns past half a turn goes on counting, where a principal vector would jump. But a pose must not be
written in two ways for long: after a somersault, or after a foot that the capture flipped, a body would be a turn away
from itself to the end of the take. So a whole turn that stays is taken back where it began.

Shape letters: T frames, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.core.stretches import stretches
from transflower.features.motion.representation import REPRESENTATIONS, Representation
from transflower.motion import rotations as rot

_TURN = 2 * np.pi
_FAR, _LONG = 0.75 * _TURN, 60
"""A joint is a whole turn off where its median distance from ``near`` is larger (radians), for so many frames: two
seconds at 30 frames a second."""


@REPRESENTATIONS.register("expmap")
class ExponentialMap(Representation):
    """Three columns a joint."""

    suffixes = ("alpha", "beta", "gamma")
    rest = (0.0, 0.0, 0.0)

    def encode(
        self, quaternions: Float[np.ndarray, "T J 4"], near: Float[np.ndarray, "J 3"]
    ) -> Float[np.ndarray, "T J 3"]:
        """Every frame has the number of whole turns that leads nearest to the frame before, the first to ``near``.

        Where a joint would stay a turn or more away from ``near``, every frame has the number that leads nearest to it.
        """
        return without_lasting_turns(unroll(rot.to_expmap(quaternions), near), near)

    def decode(self, columns: Float[np.ndarray, "T J 3"]) -> Float[np.ndarray, "T J 4"]:
        """Any number of turns is fine."""
        return rot.from_expmap(columns)


def unroll(vectors: Float[np.ndarray, "T J 3"], near: Float[np.ndarray, "J 3"]) -> Float[np.ndarray, "T J 3"]:
    """Add whole turns to rotation vectors so that each is nearest to the one a frame earlier, the first to ``near``."""
    angles = np.linalg.norm(vectors, axis=-1, keepdims=True)
    is_turned = angles > 1e-9
    axes = np.divide(vectors, angles, out=np.zeros_like(vectors), where=is_turned)
    previous = np.concatenate([near[None], vectors[:-1]])
    # No rotation has every axis: it may stay on the axis that the joint turned about before.
    axis = axes if is_turned.all() else np.where(is_turned, axes, _normalised(previous))
    turns = _turns(axis, angles, previous)
    unrolled = vectors + axis * turns * _TURN
    # Few joints ever need whole turns; they are followed from the first such frame on, as one leads to the next.
    joints = np.flatnonzero(turns.any(axis=(0, 2)))
    first = int(np.argmax(turns[:, joints].any(axis=(1, 2)))) if len(joints) else len(vectors)
    before = unrolled[first - 1, joints] if first else near[joints]
    for frame in range(first, len(vectors)):
        axis = axes[frame, joints]
        if not is_turned[frame, joints].all():
            axis = np.where(is_turned[frame, joints], axis, _normalised(before))
        before = vectors[frame, joints] + axis * _turns(axis, angles[frame, joints], before) * _TURN
        unrolled[frame, joints] = before
    return unrolled


def without_lasting_turns(
    vectors: Float[np.ndarray, "T J 3"], near: Float[np.ndarray, "J 3"]
) -> Float[np.ndarray, "T J 3"]:
    """The same rotations; those that stay whole turns away from ``near`` are written as the nearest to it."""
    axes = _normalised(vectors)
    away = np.sum((vectors - near) * axes, axis=-1)
    turns = np.round(away / _TURN)
    if not turns.any():
        return vectors
    for joint in np.flatnonzero(turns.any(axis=0)):
        for start, stop in stretches(turns[:, joint] != 0):
            is_far = np.median(np.abs(away[start:stop, joint])) > _FAR
            turns[start:stop, joint] *= is_far and stop - start >= _LONG
    return vectors - axes * (turns * _TURN)[..., None]


def _turns(
    axes: Float[np.ndarray, "*T J 3"], angles: Float[np.ndarray, "*T J 1"], previous: Float[np.ndarray, "*T J 3"]
) -> Float[np.ndarray, "*T J 1"]:
    """Whole turns about ``axes`` that lead nearest to the ``previous`` vectors."""
    return np.round((np.sum(previous * axes, axis=-1, keepdims=True) - angles) / _TURN)


def _normalised(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
