"""Two-bone inverse kinematics: both long bones of a limb turn so that the wrist or the ankle reaches a target.

Shape letters: T frames, L limbs, B any of these.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.anatomy import Limb
from transflower.motion.clip import Clip

_STRAIGHTEST = 0.998
"""Largest share of its length to which a limb may stretch: near full stretch small shifts turn the hinge a lot."""
_SMALL_BEND = 5e-3
"""Square metres: how bent a limb is (some 2 degrees) before its own plane counts more than the usual one."""


def has_two_bones(clip: Clip, limb: Limb) -> bool:
    """Whether the limb is a chain of two bones and no joint between them."""
    parents = clip.skeleton.parents
    is_made_of_joints = max(limb.ball, limb.hinge, limb.end) < clip.skeleton.num_joints
    return is_made_of_joints and parents[limb.hinge] == limb.ball and parents[limb.end] == limb.hinge


def solve_two_bone_ik(
    clip: Clip,
    limbs: Sequence[Limb],
    targets: Float[np.ndarray, "T L 3"],
    *,
    world: kinematics.World | None = None,
    usual: Float[np.ndarray, "#T L 3"] | None = None,
) -> Clip:
    """The clip with the ends of the limbs at ``targets`` in world space, or as near to them as possible.

    A limb keeps its plane of bending, and its hand or foot keeps its rotation in world space. Joints between its own
    stay as they are.

    Args:
        clip: what is changed.
        limbs: which limbs; no bone is in two of them.
        targets: where their ends shall be.
        world: ``kinematics.forward(clip)``, where it is known.
        usual: how the limbs usually bend: a sum of ``local_bends``, by default over the clip.
    """
    positions, rotations = world or kinematics.forward(clip)
    balls, hinges, ends = _joints(limbs)
    ball, hinge, end = (positions[:, joints] for joints in (balls, hinges, ends))
    if usual is None:
        usual = local_bends(positions, rotations, limbs).sum(axis=0, keepdims=True)
    axis = _bending_axis(hinge - ball, end - hinge, rot.rotate(rotations[:, balls], usual))
    new_hinge, new_end, new_axis = _bend(ball, hinge, end, axis, targets)
    old, new = np.stack([hinge - ball, end - hinge]), np.stack([new_hinge - ball, new_end - new_hinge])
    turns = _turn((old, axis), (new, new_axis))
    turned = rot.multiply(turns, np.stack([rotations[:, balls], rotations[:, hinges]]))
    above = rotations[:, [clip.skeleton.parents[joint] for joint in balls]]
    local = clip.rotations.copy()
    local[:, balls] = rot.multiply(rot.inverse(above), turned[0])
    over_hinges, over_ends = ([clip.skeleton.parents[joint] for joint in joints] for joints in (hinges, ends))
    local[:, hinges] = rot.multiply(rot.inverse(rot.multiply(turns[0], rotations[:, over_hinges])), turned[1])
    local[:, ends] = rot.multiply(rot.inverse(rot.multiply(turns[1], rotations[:, over_ends])), rotations[:, ends])
    return replace(clip, rotations=local)


def local_bends(
    positions: Float[np.ndarray, "T J 3"], rotations: Float[np.ndarray, "T J 4"], limbs: Sequence[Limb]
) -> Float[np.ndarray, "T L 3"]:
    """The axis about which each limb bends, as its first bone sees it, longer where it bends farther."""
    balls, hinges, ends = _joints(limbs)
    ball, hinge, end = (positions[:, joints] for joints in (balls, hinges, ends))
    return rot.rotate(rot.inverse(rotations[:, balls]), rot.cross(hinge - ball, end - hinge))


def toe_bend(
    points: Float[np.ndarray, "N 3"], rotations: Float[np.ndarray, "J 4"], leg: Limb
) -> Float[np.ndarray, "3"]:
    """The axis about which a leg bends whose knee goes where its toes point, as ``local_bends``; 0 without toes."""
    toes, down = points[leg.path[-1]] - points[leg.end], points[leg.end] - points[leg.ball]
    return rot.rotate(rot.inverse(rotations[leg.ball]), rot.cross(toes, down))


def _joints(limbs: Sequence[Limb]) -> tuple[list[int], list[int], list[int]]:
    return [limb.ball for limb in limbs], [limb.hinge for limb in limbs], [limb.end for limb in limbs]


def _bend(
    ball: Float[np.ndarray, "*B 3"],
    hinge: Float[np.ndarray, "*B 3"],
    end: Float[np.ndarray, "*B 3"],
    axis: Float[np.ndarray, "*B 3"],
    targets: Float[np.ndarray, "*B 3"],
) -> tuple[Float[np.ndarray, "*B 3"], Float[np.ndarray, "*B 3"], Float[np.ndarray, "*B 3"]]:
    """Where hinge and end come to lie, and about which axis the limb is then bent: by the cosine rule."""
    upper, lower = _norm(hinge - ball), _norm(end - hinge)
    along = rot.unit(targets - ball)
    distance = np.clip(_norm(targets - ball), 1.02 * np.abs(upper - lower) + 1e-6, _STRAIGHTEST * (upper + lower))
    axis = rot.unit(axis - np.sum(axis * along, axis=-1, keepdims=True) * along)
    share = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - share**2, 0))
    return ball + share * along + height * rot.cross(along, axis), ball + distance * along, axis


def _bending_axis(
    upper: Float[np.ndarray, "*#B 3"], lower: Float[np.ndarray, "*#B 3"], usual: Float[np.ndarray, "*#B 3"]
) -> Float[np.ndarray, "*B 3"]:
    """About which the limb bends; where it is nearly straight, or bent the wrong way, as it usually does.

    A hinge that is drawn a little beyond straight would otherwise turn to and fro.
    """
    bend, usual = rot.cross(upper, lower), rot.unit(usual)
    usual = np.where(np.any(usual != 0, axis=-1, keepdims=True), usual, _across(upper))
    along = np.sum(bend * usual, axis=-1, keepdims=True)
    return rot.unit(bend + (np.abs(along) - along + _SMALL_BEND) * usual)


def _across(bone: Float[np.ndarray, "*B 3"]) -> Float[np.ndarray, "*B 3"]:
    """Some direction at right angles to a bone."""
    return rot.unit(rot.cross(bone, np.eye(3)[np.abs(bone).argmin(axis=-1)]))


def _turn(
    old: tuple[Float[np.ndarray, "*#B 3"], Float[np.ndarray, "*#B 3"]],
    new: tuple[Float[np.ndarray, "*#B 3"], Float[np.ndarray, "*#B 3"]],
) -> Float[np.ndarray, "*B 4"]:
    """The rotation that takes a bone and its axis to another bone and axis."""
    return rot.from_matrix(_frame(*new) @ _frame(*old).swapaxes(-1, -2))


def _frame(bone: Float[np.ndarray, "*#B 3"], axis: Float[np.ndarray, "*#B 3"]) -> Float[np.ndarray, "*B 3 3"]:
    along = rot.unit(bone)
    across = rot.unit(axis - np.sum(axis * along, axis=-1, keepdims=True) * along)
    return np.stack([along, across, rot.cross(along, across)], axis=-1)


def _norm(vectors: Float[np.ndarray, "*B 3"]) -> Float[np.ndarray, "*B 1"]:
    return np.linalg.norm(vectors, axis=-1, keepdims=True)
