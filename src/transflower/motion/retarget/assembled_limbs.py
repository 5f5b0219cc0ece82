"""How arms, legs and feet are turned in a T-pose, as motion tells it.

Shape letters: T frames.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.assembled_trunk import left_axis
from transflower.motion.retarget.evidence import Evidence
from transflower.motion.retarget.hinges import HINGES, hinge_turn
from transflower.motion.retarget.square import Axes, Direction, is_along_axis, is_square, squared, turned_to

_LEFT, _UP = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
_ARM, _LEG = ("UpperArm", "LowerArm", "Hand"), ("UpperLeg", "LowerLeg", "Foot")
_NEAR_SQUARE = np.radians(15)
"""How far what motion tells may be from square axes, to be these."""
_NEAR_ABOVE = np.radians(80)
"""How far it may be from the axes of the joint above, to be the same."""
_LOWEST = 5
"""Percentile of heights at which a foot stands."""
_FLAT = 30
"""Percentile of heights of an ankle up to which the toes are flat."""
_STEEPEST = 0.9
"""From the ankle to the toes, down, as a share of the way; feet that are steeper have other toes."""


def limb_axes(evidence: Evidence) -> dict[int, Axes]:
    """The axes of arms, hands, legs, feet and toes."""
    drop = _drop(evidence)
    found: dict[int, Axes] = {}
    for side, out in zip(SIDES, (_LEFT, -_LEFT), strict=True):
        found |= _straight(evidence, [side + bone for bone in _ARM], out)
        found |= _straight(evidence, [side + bone for bone in _LEG], -_UP)
        found |= _foot(evidence, side, found[evidence.humanoid.joints[f"{side}LowerLeg"]], drop)
    return found


def _straight(evidence: Evidence, bones: list[str], way: Direction) -> dict[int, Axes]:
    """An arm or a leg that points ``way``, turned about itself as its hinge tells; a hand as it usually is."""
    upper, lower, end = (evidence.humanoid.joints[bone] for bone in bones)
    first, second = (rot.unit(evidence.between(*pair)) for pair in (bones[:2], bones[1:]))
    seen = [rot.unit(evidence.seen(joint, bone).mean(axis=0)) for joint, bone in ((upper, first), (lower, second))]
    hanging = rot.multiply(rot.shortest(rot.rotate(evidence.heading, way), first), evidence.heading)
    above = turned_to(evidence.mean_axes(upper, hanging), way, seen[0])
    to_bone = rot.inverse(rot.multiply(evidence.rotations[:, upper], above))
    above = rot.multiply(above, hinge_turn(rot.rotate(to_bone, first), rot.rotate(to_bone, second), HINGES[bones[0]]))
    if is_along_axis(seen[0]):
        above = squared(above, _NEAR_SQUARE)
    bent = rot.multiply(rot.shortest(first, second), rot.multiply(evidence.rotations[:, upper], above))
    below = turned_to(evidence.mean_axes(lower, bent), way, seen[1])
    both_square = is_square(above, 1e-6) and is_along_axis(seen[1])
    below = _like(above, below) if both_square else below
    if bones[-1].endswith("Foot"):
        return {upper: above, lower: below}
    hand = evidence.mean_axes(end, rot.multiply(evidence.rotations[:, lower], below))
    return {upper: above, lower: below, end: _like(below, hand) if both_square else hand}


def _like(above: Axes, axes: Axes) -> Axes:
    """Square axes of what hangs from a square joint: the same as above where they may be, else the nearest."""
    return above if rot.angle_between(above, axes) < _NEAR_ABOVE else squared(axes, np.pi)


def _foot(evidence: Evidence, side: str, lower: Axes, drop: float | None) -> dict[int, Axes]:
    """Foot and toes as they lie on the floor."""
    foot, toes = evidence.humanoid.joints[f"{side}Foot"], evidence.humanoid.joints.get(f"{side}Toes")
    axes = evidence.mean_axes(foot, evidence.heading)
    if drop is not None and _tip(evidence, foot) is not None:
        axes = _sloping(evidence, foot, axes, lower, drop)
    if toes is None:
        return {foot: axes}
    heights = evidence.points[:, foot, 1]
    world = rot.multiply(evidence.rotations[:, foot], axes)
    return {foot: axes, toes: evidence.mean_axes(toes, world, heights <= np.percentile(heights, _FLAT))}


def _sloping(evidence: Evidence, foot: int, axes: Axes, lower: Axes, drop: float) -> Axes:
    """Axes of a foot by which its line from ankle to toes points ahead, and down by ``drop`` of its length."""
    ahead = rot.unit(_along(evidence, foot).mean(axis=0))
    left = left_axis(axes, lower) if evidence.is_square else rot.rotate(axes, _LEFT)
    left = rot.unit(left - (left @ ahead) * ahead)
    level, over = np.sqrt(1 - drop**2), np.cross(ahead, left)
    return rot.from_matrix(np.stack([left, level * over - drop * ahead, level * ahead + drop * over], axis=1))


def _drop(evidence: Evidence) -> float | None:
    """How far below the ankle the toes of a flat foot are, as a share of the way there; None if nothing tells."""
    found = []
    for side in SIDES:
        foot = evidence.humanoid.joints[f"{side}Foot"]
        tip = _tip(evidence, foot)
        if tip is not None:
            ankle, toes = np.percentile(evidence.points[:, [foot, tip], 1], _LOWEST, axis=0)
            length = np.linalg.norm(_along(evidence, foot).mean(axis=0))
            found.append((ankle - toes) / max(float(length), 1e-9))
    return float(np.mean(found)) if found and np.abs(found).max() < _STEEPEST else None


def _along(evidence: Evidence, foot: int) -> Float[np.ndarray, "T 3"]:
    """From the ankle to the toes, as the foot sees it."""
    return evidence.seen(foot, evidence.points[:, _tip(evidence, foot)] - evidence.points[:, foot])


def _tip(evidence: Evidence, foot: int) -> int | None:
    """The joint of the toes, or the end of the foot; None where there is neither."""
    joints, sites = evidence.humanoid.joints, list(evidence.humanoid.skeleton.end_sites)
    toes = joints.get("leftToes" if foot == joints["leftFoot"] else "rightToes")
    if toes is not None:
        return toes
    return evidence.humanoid.skeleton.num_joints + sites.index(foot) if foot in sites else None
