"""How hips, spine, neck, head and shoulders are turned in a T-pose, as motion tells it."""

from itertools import pairwise

import numpy as np

from transflower.motion import rotations as rot
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.evidence import Evidence
from transflower.motion.retarget.square import Axes, Direction, is_along_axis, nearest_axis, squared, turned_to

_LEFT, _UP = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
_IS_SAME = np.cos(np.radians(65))
"""How far a mean may be from what a neighbour or the bone itself tells: dancers look aside and bend all the time."""
_HEAD_IS_SQUARE = np.radians(25)


def trunk_axes(evidence: Evidence) -> dict[int, Axes]:
    """The axes of each joint of the trunk.

    Left and right joints tell what is left, and on a square skeleton the joint above does; bones along an axis tell
    what is up, and else the mean of the frames that stand does.
    """
    bones = _bones(evidence)
    axes = {joint: evidence.mean_axes(joint, evidence.heading) for joint in bones}
    for joint, line in evidence.lines.items():
        axes[joint] = turned_to(axes[joint], _LEFT, line)
    if not evidence.is_square:
        return axes
    parents = evidence.humanoid.skeleton.parents
    for joint, (direction, bone) in bones.items():
        axes[joint] = turned_to(axes[joint], _LEFT, left_axis(axes[joint], axes.get(parents[joint])))
        if not bone.any():
            axes[joint] = squared(axes[joint], _HEAD_IS_SQUARE)
        elif is_along_axis(bone) and nearest_axis(bone) @ rot.rotate(axes[joint], direction) > _IS_SAME:
            axes[joint] = squared(turned_to(axes[joint], direction, nearest_axis(bone)), np.pi)
    return axes


def left_axis(axes: Axes, above: Axes | None) -> Direction:
    """Which axis of a square joint points left: that of the joint above where it may be, else the nearest."""
    left = rot.rotate(axes, _LEFT)
    if above is not None and left @ (same := rot.rotate(above, _LEFT)) > _IS_SAME:
        return same
    return nearest_axis(left)


def _bones(evidence: Evidence) -> dict[int, tuple[Direction, Direction]]:
    """Joint -> where its bone points in a T-pose, and as the joint sees it: 0 where nothing tells."""
    humanoid, offsets = evidence.humanoid, np.asarray(evidence.humanoid.skeleton.offsets, float)
    chain = [humanoid.joints["hips"], *humanoid.spine, *humanoid.neck, humanoid.joints["head"]]
    found = {joint: (_UP, offsets[after]) for joint, after in pairwise(chain)}
    found[chain[-1]] = (_UP, np.zeros(3))
    for side, out in zip(SIDES, (_LEFT, -_LEFT), strict=True):
        if f"{side}Shoulder" in humanoid.joints:
            found[humanoid.joints[f"{side}Shoulder"]] = (out, offsets[humanoid.joints[f"{side}UpperArm"]])
    return found
