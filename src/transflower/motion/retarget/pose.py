"""From the pose of one skeleton to that of another, without regard to where the feet come.

Shape letters: T frames, J joints, K knots.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.humanoid.bones import ARM, FINGERS, LEG, SIDES
from transflower.motion.retarget.rig import Rig

_CURL = {"Proximal": 15.0, "Intermediate": 40.0, "Distal": 55.0}
"""Degrees from the hand to each bone of a finger that hangs relaxed."""
_CURL_AXES = {"left": np.array([0.0, 0, -1]), "right": np.array([0.0, 0, 1])}

Rotations = Float[np.ndarray, "T 4"]


def transfer_rotations(
    source: Rig, rotations: Float[np.ndarray, "T J 4"], target: Rig
) -> tuple[Float[np.ndarray, "T K 4"], Float[np.ndarray, "T K 4"]]:
    """World and local rotations of all joints of ``target`` that put it into the pose of ``source``.

    Joints that are no bone stay as they are at rest.

    Args:
        source: the skeleton that moves.
        rotations: world rotations of its joints.
        target: the other skeleton; K are its joints.
    """
    wanted = _trunk(source, rotations, target) | _limbs(source, rotations, target)
    return _chained(target, wanted, len(rotations))


def _chained(
    target: Rig, wanted: dict[int, Rotations], num_frames: int
) -> tuple[Float[np.ndarray, "T K 4"], Float[np.ndarray, "T K 4"]]:
    world = rot.identity(num_frames, target.skeleton.num_joints)
    local = world.copy()
    rest = target.standing.rotations
    for joint, parent in enumerate(target.skeleton.parents):
        above, above_rest = (world[:, parent], rest[parent]) if parent >= 0 else (world[:, 0], np.array(rot.IDENTITY))
        if joint in wanted:
            world[:, joint] = wanted[joint]
            local[:, joint] = rot.multiply(rot.inverse(above), wanted[joint]) if parent >= 0 else wanted[joint]
        else:
            local[:, joint] = rot.multiply(rot.inverse(above_rest), rest[joint])
            world[:, joint] = rot.multiply(above, local[:, joint]) if parent >= 0 else local[:, joint]
    return world, rot.normalize(local)


def _trunk(source: Rig, rotations: Float[np.ndarray, "T J 4"], target: Rig) -> dict[int, Rotations]:
    """Hips, spine, neck and head; a spine of other many joints bends as far in the same parts of its length."""

    def pose(joints: Sequence[int]) -> list[Rotations]:
        return [rot.multiply(rotations[:, joint], source.trunk_frame(joint)) for joint in joints]

    ours, theirs = source.humanoid, target.humanoid
    spine = pose([ours.joints["hips"], *ours.spine])
    neck = [spine[-1], *pose([*ours.neck, ours.joints["head"]])]
    posed = {theirs.joints["hips"]: spine[0]}
    posed |= dict(zip(theirs.spine, _spread(spine, len(theirs.spine)), strict=True))
    above = (*theirs.neck, theirs.joints["head"])
    posed |= dict(zip(above, _spread(neck, len(above)), strict=True))
    return {joint: rot.multiply(rotation, rot.inverse(target.trunk_frame(joint))) for joint, rotation in posed.items()}


def _spread(knots: Sequence[Rotations], count: int) -> list[Rotations]:
    """``count`` rotations that are spaced evenly along a line of others, whose first is left out."""
    steps = len(knots) - 1
    found = []
    for index in range(1, count + 1):
        place = index * steps / count
        before = min(int(place), steps - 1)
        found.append(rot.slerp(knots[before], knots[before + 1], place - before))
    return found


def _limbs(source: Rig, rotations: Float[np.ndarray, "T J 4"], target: Rig) -> dict[int, Rotations]:
    fingers = [bone for finger in FINGERS.values() for bone in finger]
    posed: dict[str, Rotations] = {}
    for side in SIDES:
        for bone in (side + name for name in (*ARM, *LEG, *fingers)):
            if bone in source.frames and bone in target.frames:
                posed[bone] = rot.multiply(rotations[:, source.humanoid.joints[bone]], source.frames[bone])
        posed |= _relaxed(source, target, side, posed[f"{side}Hand"])
    return {
        target.humanoid.joints[bone]: rot.multiply(rotation, rot.inverse(target.frames[bone]))
        for bone, rotation in posed.items()
    }


def _relaxed(source: Rig, target: Rig, side: str, hand: Rotations) -> dict[str, Rotations]:
    """Fingers that the source does not have, a little curled. A thumb stays as it is at rest."""
    found = {}
    for name, finger in FINGERS.items():
        if name == "Thumb" or any(side + bone in source.frames for bone in finger):
            continue
        for bone in finger:
            if side + bone in target.frames:
                degrees = _CURL[bone.removeprefix(name)]
                found[side + bone] = rot.multiply(hand, rot.from_expmap(np.radians(degrees) * _CURL_AXES[side]))
    return found
