"""Bodies of any naming convention, proportion and rest pose."""

from dataclasses import dataclass, field, replace

import numpy as np

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import FINGERS
from transflower.motion.kinematics import forward
from transflower.motion.skeleton import Skeleton

SIDED = ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toes")


def _sided(pattern, words, left="Left", right="Right"):
    return {side + bone: pattern.format(s=tag, b=word) for side, tag in (("left", left), ("right", right))
            for bone, word in zip(SIDED, words.split(), strict=True)}  # fmt: skip


MIXAMO = {
    "hips": "Hips", "spine": "Spine", "chest": "Spine1", "upperChest": "Spine2", "neck": "Neck", "head": "Head",
    **_sided("{s}{b}", "Shoulder Arm ForeArm Hand UpLeg Leg Foot ToeBase"),
}  # fmt: skip
CONVENTIONS = {
    "plain mixamo": MIXAMO,
    "mixamo": {bone: f"mixamorig:{name}" for bone, name in MIXAMO.items()},
    "vroid": {
        "hips": "J_Bip_C_Hips", "spine": "J_Bip_C_Spine", "chest": "J_Bip_C_Chest",
        "upperChest": "J_Bip_C_UpperChest", "neck": "J_Bip_C_Neck", "head": "J_Bip_C_Head",
        **_sided("J_Bip_{s}_{b}", "Shoulder UpperArm LowerArm Hand UpperLeg LowerLeg Foot ToeBase", "L", "R"),
    },
    "unreal": {
        "hips": "pelvis", "spine": "spine_01", "chest": "spine_02", "upperChest": "spine_03", "neck": "neck_01",
        "head": "head", **_sided("{b}_{s}", "clavicle upperarm lowerarm hand thigh calf foot ball", "l", "r"),
    },
    "rokoko": {
        "hips": "Hips", "spine": "Spine1", "chest": "Spine2", "upperChest": "Spine4", "neck": "Neck", "head": "Head",
        **_sided("{s}{b}", "Shoulder Arm ForeArm Hand Thigh Shin Foot Toe"),
    },
    "xsens": {
        "hips": "Hips", "spine": "Chest", "chest": "Chest2", "upperChest": "Chest4", "neck": "Neck", "head": "Head",
        **_sided("{s}{b}", "Collar Shoulder Elbow Wrist Hip Knee Ankle Toe"),
    },
    "cmu": {
        "hips": "root", "spine": "lowerback", "chest": "upperback", "upperChest": "thorax", "neck": "lowerneck",
        "head": "head", **_sided("{s}{b}", "clavicle humerus radius wrist femur tibia foot toes", "l", "r"),
    },
    "smpl": {
        "hips": "Pelvis", "spine": "Spine1", "chest": "Spine2", "upperChest": "Spine3", "neck": "Neck", "head": "Head",
        **_sided("{s}_{b}", "Collar Shoulder Elbow Wrist Hip Knee Ankle Foot", "L", "R"),
    },
    "bandai": {
        "hips": "Hips", "spine": "Spine", "chest": "Chest", "upperChest": "Chest2", "neck": "Neck", "head": "Head",
        **_sided("{b}_{s}", "Shoulder UpperArm LowerArm Hand UpperLeg LowerLeg Foot Toes", "L", "R"),
    },
    "rigify": {
        "hips": "DEF-spine", "spine": "DEF-spine.001", "chest": "DEF-spine.002", "upperChest": "DEF-spine.003",
        "neck": "DEF-spine.004", "head": "DEF-spine.006",
        **_sided("DEF-{b}.{s}", "shoulder upper_arm forearm hand thigh shin foot toe", "L", "R"),
    },
    "biped": {
        "hips": "Bip01 Pelvis", "spine": "Bip01 Spine", "chest": "Bip01 Spine1", "upperChest": "Bip01 Spine2",
        "neck": "Bip01 Neck", "head": "Bip01 Head",
        **_sided("Bip01 {s} {b}", "Clavicle UpperArm Forearm Hand Thigh Calf Foot Toe0", "L", "R"),
    },
    "blender": {
        "hips": "hips", "spine": "spine", "chest": "chest", "upperChest": "upper_chest", "neck": "neck",
        "head": "head", **_sided("{b}.{s}", "shoulder upper_arm lower_arm hand thigh shin foot toe", "L", "R"),
    },
    "character creator": {
        "hips": "CC_Base_Hip", "spine": "CC_Base_Waist", "chest": "CC_Base_Spine01", "upperChest": "CC_Base_Spine02",
        "neck": "CC_Base_NeckTwist01", "head": "CC_Base_Head",
        **_sided("CC_Base_{s}_{b}", "Clavicle Upperarm Forearm Hand Thigh Calf Foot ToeBase", "L", "R"),
    },
    "daz": {
        "hips": "hip", "spine": "abdomen", "chest": "chest", "upperChest": "chest2", "neck": "neck", "head": "head",
        **_sided("{s}{b}", "Collar Shldr ForeArm Hand Thigh Shin Foot Toe", "l", "r"),
    },
    "perception neuron": {bone: f"Robot_{name}" for bone, name in MIXAMO.items()},
    "vrm": {bone: bone for bone in MIXAMO},
    "unity": {bone: bone[0].upper() + bone[1:] for bone in MIXAMO},
    "aist": {
        "hips": "pelvis", "spine": "spine1", "chest": "spine2", "upperChest": "spine3", "neck": "neck", "head": "head",
        **_sided("{s}_{b}", "collar shoulder elbow wrist hip knee ankle foot", "left", "right"),
    },
    "smpl in unity": {
        "hips": "m_avg_Pelvis", "spine": "m_avg_Spine1", "chest": "m_avg_Spine2", "upperChest": "m_avg_Spine3",
        "neck": "m_avg_Neck", "head": "m_avg_Head",
        **_sided("m_avg_{s}_{b}", "Collar Shoulder Elbow Wrist Hip Knee Ankle Foot", "L", "R"),
    },
    "xsens in films": {
        "hips": "Pelvis", "spine": "L5", "chest": "L3", "upperChest": "T8", "neck": "Neck", "head": "Head",
        **_sided("{s}{b}", "Shoulder UpperArm ForeArm Hand UpperLeg LowerLeg Foot Toe"),
    },
    "optitrack": {
        "hips": "Hip", "spine": "Ab", "chest": "Chest", "upperChest": "Chest2", "neck": "Neck", "head": "Head",
        **_sided("{s}{b}", "Shoulder UArm FArm Hand Thigh Shin Foot Toe", "L", "R"),
    },
    "advanced skeleton": {
        "hips": "Root_M", "spine": "Spine1_M", "chest": "Spine2_M", "upperChest": "Chest_M", "neck": "Neck_M",
        "head": "Head_M", **_sided("{b}_{s}", "Scapula Shoulder Elbow Wrist Hip Knee Ankle Toes", "L", "R"),
    },
}  # fmt: skip

# In metres, Y up, facing +Z, in a T-pose; of the left side.
_OFFSETS = {
    "hips": (0, 0.95, 0), "spine": (0, 0.1, 0), "chest": (0, 0.12, 0), "upperChest": (0, 0.13, 0),
    "neck": (0, 0.17, -0.01), "head": (0, 0.09, 0.02),
    "Shoulder": (0.03, 0.11, 0), "UpperArm": (0.13, 0, 0), "LowerArm": (0.28, 0, 0), "Hand": (0.25, 0, 0),
    "UpperLeg": (0.09, -0.05, 0), "LowerLeg": (0, -0.41, 0), "Foot": (0, -0.40, 0), "Toes": (0, -0.06, 0.13),
}  # fmt: skip
_PARENTS = {"Shoulder": "upperChest", "UpperArm": "Shoulder", "LowerArm": "UpperArm", "Hand": "LowerArm",
            "UpperLeg": "hips", "LowerLeg": "UpperLeg", "Foot": "LowerLeg", "Toes": "Foot", "spine": "hips",
            "chest": "spine", "upperChest": "chest", "neck": "upperChest", "head": "neck"}  # fmt: skip
_TIPS = {"head": (0, 0.18, 0), "Toes": (0, 0, 0.08), "Foot": (0, -0.06, 0.2), "Hand": (0.17, 0, 0)}


@dataclass
class Body:
    """A body to be made."""

    names: dict = field(default_factory=lambda: MIXAMO)
    without: tuple = ()
    """Bones that it lacks, with or without side."""
    fingers: bool = False
    scale: float = 1.0
    legs: float = 1.0
    """Length of the legs beside the rest."""
    yaw: float = 0.0
    """Radians that it is turned at rest."""
    arms_down: float = 0.0
    """Radians that its arms hang at rest below a T-pose."""
    legs_apart: float = 0.0
    above: tuple = ()
    """Joints above the hips."""

    def build(self):
        """Skeleton and bone -> joint."""
        offsets, parents = _limbs(self)
        names = self.names | {bone: self.names.get(bone, bone) for bone in offsets}
        order = [*(f"above{index}" for index in range(len(self.above))), *offsets]
        shift = len(self.above)
        offsets["hips"] = offsets["hips"] + [0, 0.81 * (self.legs - 1) - 0.01, 0]  # its toes stand on the floor
        index = {bone: place for place, bone in enumerate(order)}
        joints = {bone: index[bone] for bone in offsets}
        turn = rot.from_yaw(np.array(self.yaw))
        table = np.array([[0.0, 0, 0]] * shift + [rot.rotate(turn, np.array(way)) for way in offsets.values()])
        tree = [*range(-1, shift - 1), *((index[parents[b]] if b in parents else shift - 1) for b in offsets)]
        sites = {}
        for bone in offsets:
            if joints[bone] not in tree:
                tip = rot.rotate(turn, self.scale * np.array(_tip(bone, offsets[bone])))
                sites[joints[bone]] = tuple(map(float, tip))
        skeleton = Skeleton(
            (*self.above, *(names[bone] for bone in offsets)), tuple(tree), self.scale * table, sites
        )  # fmt: skip
        return _posed(self, skeleton, joints), joints


def _limbs(body):
    offsets, parents = {}, {}

    def add(bone, parent, way):
        while parent in body.without or parent.removeprefix("left").removeprefix("right") in body.without:
            side = "left" if parent.startswith("left") else "right" if parent.startswith("right") else ""
            plain = parent.removeprefix(side)
            way = np.array(way) + _side(_OFFSETS[plain], side)
            up = _PARENTS[plain]
            parent = side + up if up in SIDED else up
        if bone in body.without or bone.removeprefix("left").removeprefix("right") in body.without:
            return
        offsets[bone] = np.array(way, float)
        if bone != "hips":
            parents[bone] = parent

    for bone in ("hips", "spine", "chest", "upperChest", "neck", "head"):
        add(bone, _PARENTS.get(bone, ""), _OFFSETS[bone])
    for side in ("left", "right"):
        for bone in SIDED:
            up = _PARENTS[bone]
            way = _side(_OFFSETS[bone], side) * (body.legs if bone in {"LowerLeg", "Foot"} else 1.0)
            add(side + bone, side + up if up in SIDED else up, way)
        for row, (name, finger) in enumerate(FINGERS.items()) if body.fingers else ():
            parent = f"{side}Hand"
            for place, bone in enumerate(finger):
                z = 0.03 - 0.02 * row
                way = (0.03, -0.01, 0.04) if name == "Thumb" else (0.09, 0, z) if place == 0 else (0.03, 0, 0)
                add(side + bone, parent, _side(way, side))
                parent = side + bone
    return offsets, parents


def _side(way, side):
    return np.array(way, float) * ([-1, 1, 1] if side == "right" else [1, 1, 1])


def _tip(bone, way):
    for known, tip in _TIPS.items():
        if bone.endswith(known):
            return _side(tip, "right" if bone.startswith("right") else "left")
    return 0.5 * way


def _posed(body, skeleton, joints):
    """The skeleton with its arms and legs turned at rest: offsets are what the turned bones show."""
    rotations = rot.identity(1, skeleton.num_joints)
    axis = rot.rotate(rot.from_yaw(np.array(body.yaw)), np.array([0.0, 0, 1]))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for bone, angle in (("UpperArm", -sign * body.arms_down), ("UpperLeg", sign * body.legs_apart)):
            rotations[0, joints[side + bone]] = rot.from_expmap(angle * axis)
        if f"{side}Foot" in joints:  # feet stay flat
            rotations[0, joints[f"{side}Foot"]] = rot.from_expmap(-sign * body.legs_apart * axis)
    return rebased(Clip(skeleton, 30.0, rotations, {0: np.array(skeleton.offsets[:1])}))


def rebased(clip, frame=0):
    """The skeleton whose rest pose is a frame of a clip."""
    positions, rotations = (rows[frame] for rows in forward(clip))
    skeleton = clip.skeleton
    parents = list(skeleton.parents)
    offsets = positions - np.where(np.array(parents)[:, None] >= 0, positions[parents], 0)
    sites = {
        joint: tuple(map(float, rot.rotate(rotations[joint], np.array(way))))
        for joint, way in skeleton.end_sites.items()
    }  # fmt: skip
    return replace(skeleton, offsets=offsets, end_sites=sites)
