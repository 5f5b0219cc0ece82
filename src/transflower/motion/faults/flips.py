"""Joints that flip: by more than a quarter turn from one frame to the next, or to and fro.

Shape letters: T frames.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.take import Take
from transflower.motion.jumps import find_joint_flips, flipping_joints

_LONGEST_SECONDS = 0.3
"""What lies between a flip and the flip back is made anew if it is no longer than this."""
_BACK_DEGREES = 60.0
"""How far the frames before and after may be apart."""
_JUMP_DEGREES = 45.0
"""Least turn of the frame that leads back."""


def _find(take: Take) -> list[Fault]:
    flips = find_joint_flips(take.clip)
    return [Fault(kind="flips", first=flip.frame, last=flip.frame, what=f"{flip.what} flips") for flip in flips]


def _mend(take: Take, faults: Sequence[Fault]) -> list[Part]:
    clip = take.clip
    is_flip, _ = flipping_joints(clip)
    rotations = clip.rotations.copy()
    for joint in np.flatnonzero(is_flip.any(axis=0)).tolist():
        for frame in np.flatnonzero(is_flip[:, joint]).tolist():
            _bridge(rotations[:, joint], frame, longest=round(_LONGEST_SECONDS * clip.fps))
    return [Part(replace(clip, rotations=rotations), 0)]


def _bridge(rotations: Float[np.ndarray, "T 4"], frame: int, *, longest: int) -> None:
    """Make the frames from ``frame`` on anew, in place, up to the one in which the joint flips back, if it does."""
    before = rotations[frame - 1]
    if _degrees(before, rotations[frame]) < _JUMP_DEGREES:
        return  # another flip was followed by this one, and both are bridged
    for end in range(frame + 1, min(frame + longest + 1, len(rotations))):
        is_back = _degrees(before, rotations[end]) < _BACK_DEGREES
        if is_back and _degrees(rotations[end - 1], rotations[end]) > _JUMP_DEGREES:
            weights = np.arange(1, end - frame + 1) / (end - frame + 1)
            rotations[frame:end] = rot.slerp(before[None], rotations[end][None], weights)
            return


def _degrees(a: Float[np.ndarray, "4"], b: Float[np.ndarray, "4"]) -> float:
    return float(np.degrees(rot.angle_between(a, b)))


FLIPS = Detector(
    name="flips", about="joints that flip by more than a quarter turn, or to and fro", find=_find, mend=_mend
)
