"""Two skeletons side by side: may their motion share features, and how is one put on the other?"""

import numpy as np

from transflower.motion.clip import Clip
from transflower.motion.resample import resample
from transflower.motion.retarget import read_rig, retarget
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton


def first_difference(skeleton: Skeleton, other: Skeleton) -> str | None:
    """The first joint whose name or parent is not the same in ``other``; None where the hierarchies agree."""
    for joint in range(max(skeleton.num_joints, other.num_joints)):
        here, there = _describe(skeleton, joint), _describe(other, joint)
        if here != there:
            return f"joint {joint} is {here} instead of {there}"
    return None


def onto_skeleton(
    clip: Clip, skeleton: Skeleton, fps: float, *, what: str = "the motion", body: str = "the skeleton"
) -> Clip:
    """A clip at a frame rate, put on another skeleton where joints or parents differ.

    Args:
        clip: the motion.
        skeleton: what it is put on.
        fps: frames per second.
        what: what errors call the motion.
        body: what errors call the skeleton.

    Raises:
        DataError: one of them has no body.
    """
    clip = resample(clip, fps)
    if first_difference(clip.skeleton, skeleton) is None:
        return clip
    return retarget(clip, read_rig(skeleton, what=body), source=read_rig(clip, what=what))


def longest_bone_difference(skeleton: Skeleton, other: Skeleton) -> tuple[float, str]:
    """By how many metres the length of a bone below the motion root differs at most, and which joint it leads to."""
    below = range(find_motion_root(skeleton) + 1, skeleton.num_joints)
    lengths, other_lengths = (np.linalg.norm(s.offsets, axis=1) for s in (skeleton, other))
    gaps = {joint: abs(lengths[joint] - other_lengths[joint]) for joint in below}
    worst = max(gaps, key=lambda joint: gaps[joint], default=0)
    return float(gaps.get(worst, 0.0)), skeleton.names[worst]


def _describe(skeleton: Skeleton, joint: int) -> str:
    if joint >= skeleton.num_joints:
        return "absent"
    parent = skeleton.parents[joint]
    return repr(skeleton.names[joint]) + (f" (child of {skeleton.names[parent]!r})" if parent >= 0 else "")
