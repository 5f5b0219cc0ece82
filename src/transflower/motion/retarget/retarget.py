"""Putting a clip on another skeleton.

Every bone takes the direction and the turn in the world that the same bone of the source has, whatever the rest poses,
the names and the proportions are. The path of the hips is scaled by the length of the legs, and the feet are put where
those of the source are, in the same proportion.
"""

import numpy as np

from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.anatomy import Limb
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.feet import ankle_targets
from transflower.motion.retarget.hinges import HINGES
from transflower.motion.retarget.hips import hips_within_reach, place_hips
from transflower.motion.retarget.pose import transfer_rotations
from transflower.motion.retarget.rig import Rig, read_rig
from transflower.motion.two_bone_ik import solve_two_bone_ik


def retarget(clip: Clip, target: Rig, *, source: Rig | None = None) -> Clip:
    """The motion of ``clip`` on the skeleton of ``target``.

    Fingers, toes and shoulders that the source does not have stay as they are at rest, as do joints that are no bone.

    Args:
        clip: the motion.
        target: the other skeleton.
        source: what is known of the skeleton of ``clip``; by default ``read_rig(clip)``.

    Raises:
        DataError: bones are missing that a dance needs.
    """
    source = source or read_rig(clip, what="the dance")
    world = kinematics.forward(clip)
    turned, local = transfer_rotations(source, world[1], target)
    rest = np.asarray(target.skeleton.offsets, float)
    tracks = {joint: np.tile(rest[joint], (clip.num_frames, 1)) for joint in {0, target.mover}}
    moved = place_hips(Clip(target.skeleton, clip.fps, local, tracks), world, source, target)
    feet = [target.humanoid.joints[f"{side}Foot"] for side in SIDES]
    axes = rot.multiply(turned[:, feet], np.stack([target.frames[f"{side}Foot"] for side in SIDES]))
    targets = ankle_targets(source, target, source.feet(world), axes)
    moved = hips_within_reach(moved, target, targets)
    legs = [_leg(target, side) for side in SIDES]
    usual = [rot.rotate(target.frames[bone], HINGES[bone]) for bone in ("leftUpperLeg", "rightUpperLeg")]
    return solve_two_bone_ik(moved, legs, targets, usual=np.stack(usual)[None])


def _leg(rig: Rig, side: str) -> Limb:
    joints = [rig.humanoid.joints[side + bone] for bone in ("UpperLeg", "LowerLeg", "Foot")]
    ball, hinge, end = joints
    return Limb(side="left" if side == "left" else "right", path=tuple(joints), ball=ball, hinge=hinge, end=end)
