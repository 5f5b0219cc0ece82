"""Arms and legs of a skeleton: by the names of joints, else by shape.

Shape letters: N points (joints, then end sites).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from transflower.motion import anatomy
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.humanoid.names import JointName
from transflower.motion.humanoid.tree import Tree

_NO_LENGTH = 1e-9
_ROLES = {
    "Shoulder": {"collar", "shoulder"},
    "UpperArm": {"upperArm", "arm", "shoulder"},
    "LowerArm": {"lowerArm", "arm"},
    "Hand": {"hand", "arm"},
    "UpperLeg": {"upperLeg", "hip", "leg"},
    "LowerLeg": {"lowerLeg", "leg"},
    "Foot": {"foot", "leg"},
    "Toes": {"toes", "foot"},
}
"""Bone -> what a joint that is that bone may be called, if it is called anything."""


def named_legs(tree: Tree, names: Sequence[JointName]) -> dict[str, int]:
    """Bones of the legs that joints are called."""
    found: dict[str, int] = {}
    for side in SIDES:
        pick = _Pick(tree, names, side)
        lower = pick.among(range(len(names)), ("lowerLeg", "leg"), with_above=("upperLeg", "hip", "leg"))
        if lower is None:
            continue
        upper = pick.above(lower, ("upperLeg", "hip", "leg"))
        foot = pick.among(tree.below(lower), ("foot",))
        if upper is None or foot is None or not _has_length(tree, upper, lower, foot):
            continue
        found |= {f"{side}UpperLeg": upper, f"{side}LowerLeg": lower, f"{side}Foot": foot}
        toes = pick.among(tree.below(foot), ("toes", "foot"))
        if toes is not None:
            found[f"{side}Toes"] = toes
    return found


def named_arms(tree: Tree, names: Sequence[JointName]) -> dict[str, int]:
    """Bones of the arms that joints are called."""
    found: dict[str, int] = {}
    for side in SIDES:
        pick = _Pick(tree, names, side)
        lower = pick.among(range(len(names)), ("lowerArm",))
        if lower is None:
            continue
        upper = pick.above(lower, ("upperArm", "arm", "shoulder"))
        hand = pick.among(tree.below(lower), ("hand",))
        if upper is None or hand is None or not _has_length(tree, upper, lower, hand):
            continue
        found |= {f"{side}UpperArm": upper, f"{side}LowerArm": lower, f"{side}Hand": hand}
        collar = pick.above(upper, ("collar", "shoulder"))
        if collar is not None:
            found[f"{side}Shoulder"] = collar
    return found


def shaped_limbs(
    tree: Tree, names: Sequence[JointName], points: Float[np.ndarray, "N 3"]
) -> tuple[dict[str, int], dict[str, int]]:
    """Bones of the legs and of the arms that the shape tells, where a body of two legs and two arms stands.

    Limbs whose joints are called something else are left out.
    """
    body = anatomy.read_anatomy(tree.skeleton, points[:, 1])
    left = _left(body, points)
    legs = _limb_bones(tree, body.legs, points, left, ("", "UpperLeg", "LowerLeg", "Foot", "Toes"))
    arms = _limb_bones(tree, body.arms, points, left, ("Shoulder", "UpperArm", "LowerArm", "Hand", ""))
    return (legs if _may_be(legs, names) else {}), (arms if _may_be(arms, names) else {})


def _may_be(limbs: dict[str, int], names: Sequence[JointName]) -> bool:
    """Whether no joint is called what it is not."""
    called = [(bone.removeprefix("left").removeprefix("right"), names[joint].roles) for bone, joint in limbs.items()]
    return all(not roles or _ROLES[bone].intersection(roles) for bone, roles in called)


class _Pick:
    """Chooses joints of one side by their roles, those of the first role first, the topmost of them."""

    def __init__(self, tree: Tree, names: Sequence[JointName], side: str) -> None:
        self.tree, self.names, self.side = tree, names, side

    def among(self, joints: Sequence[int], roles: Sequence[str], *, with_above: Sequence[str] = ()) -> int | None:
        def fits(joint: int) -> bool:
            return not with_above or self.above(joint, with_above) is not None

        return self._first(joints, roles, fits)

    def above(self, joint: int, roles: Sequence[str]) -> int | None:
        return self._first(self.tree.path(joint)[:0:-1], roles, lambda _: True)

    def _first(self, joints: Sequence[int], roles: Sequence[str], fits: Callable[[int], bool]) -> int | None:
        for role in roles:
            for joint in joints:
                if role in self.names[joint].roles and self.names[joint].side == self.side and fits(joint):
                    return joint
        return None


def _has_length(tree: Tree, *joints: int) -> bool:
    """Whether each joint hangs at some distance from the one before."""
    for upper, lower in pairwise(joints):
        path = tree.path(lower)
        between = path[: path.index(upper)]
        if np.linalg.norm(tree.skeleton.offsets[between], axis=-1).sum() < _NO_LENGTH:
            return False
    return True


def _left(body: anatomy.Anatomy, points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "3"]:
    """The direction to the left of a body that stands along Y, from where its feet point; +X where it has none."""
    toes = [points[leg.path[-1]] - points[leg.end] for leg in body.legs]
    forward = np.sum(toes, axis=0) * [1, 0, 1] if toes else np.zeros(3)
    tallness = float(np.ptp(points[:, 1]))
    if np.linalg.norm(forward) <= 0.02 * tallness:
        return np.array([1.0, 0.0, 0.0])
    return np.cross([0.0, 1.0, 0.0], forward / np.linalg.norm(forward))


def _limb_bones(
    tree: Tree,
    limbs: Sequence[anatomy.Limb],
    points: Float[np.ndarray, "N 3"],
    left: Float[np.ndarray, "3"],
    bones: tuple[str, str, str, str, str],
) -> dict[str, int]:
    """Bones of a pair of limbs: before the ball, from ball, hinge and end, and beyond."""
    if len(limbs) != 2:
        return {}
    first, second = limbs
    if {first.side, second.side} != {"left", "right"} or not _are_named(tree, limbs):
        across = float((points[first.end] - points[second.end]) @ left)
        if abs(across) < _NO_LENGTH:
            return {}
        sides = ("left", "right") if across > 0 else ("right", "left")
    else:
        sides = (str(first.side), str(second.side))
    found: dict[str, int] = {}
    for side, limb in zip(sides, limbs, strict=True):
        before = limb.path[0] if limb.path[0] != limb.ball else -1
        beyond = limb.extremity[1] if len(limb.extremity) > 1 else -1
        for bone, joint in zip(bones, (before, limb.ball, limb.hinge, limb.end, beyond), strict=True):
            if bone and 0 <= joint < tree.skeleton.num_joints:
                found[side + bone] = joint
    return found


def _are_named(tree: Tree, limbs: Sequence[anatomy.Limb]) -> bool:
    names = tree.skeleton.names
    return all(
        any(anatomy.side_of(names[point]) != "middle" for point in limb.path if point < len(names)) for limb in limbs
    )
