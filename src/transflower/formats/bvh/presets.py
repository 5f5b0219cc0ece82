"""BVH files as the programs that open them expect: unit, axis that is up, and names of joints."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from transflower.core.errors import OptionsError
from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.recording import Recording
from transflower.motion.axes import Axis, rest_up
from transflower.motion.humanoid.bones import FINGERS, SIDES
from transflower.motion.retarget.rig import told_bones
from transflower.motion.units import METRES


@dataclass(frozen=True, kw_only=True)
class BvhPreset:
    """How one program wants a BVH file."""

    metres_per_unit: float
    """Length of the unit in metres."""
    up: Axis
    """The axis that points up."""
    names: Mapping[str, str]
    """Humanoid bone, as VRM names it -> name of its joint."""


def apply_preset(recording: Recording, preset: str) -> Recording:
    """The recording with the layout and the names of joints of a preset.

    Joints that are no humanoid bone keep their names.

    Raises:
        OptionsError: there is no such preset.
    """
    if preset not in PRESETS:
        raise OptionsError(f"there is no BVH preset {preset!r}; there are: {', '.join(PRESETS)}")
    chosen, clip = PRESETS[preset], recording.clip
    bones = told_bones(clip).joints
    given = {joint: chosen.names[bone] for bone, joint in bones.items() if bone in chosen.names}
    skeleton = replace(clip.skeleton, names=_renamed(clip.skeleton.names, given))
    stands = rest_up(skeleton) == "y"
    layout = BvhLayout(metres_per_unit=chosen.metres_per_unit, up=chosen.up, rest=chosen.up if stands else "y")
    return replace(recording, clip=replace(clip, skeleton=skeleton), layout=layout)


def _renamed(names: tuple[str, ...], given: Mapping[int, str]) -> tuple[str, ...]:
    """New names, and old ones that differ from all of them."""
    taken, found = set(given.values()), []
    for joint, name in enumerate(names):
        if joint not in given:
            while name in taken:
                name = f"{name}_other"
            taken.add(name)
        found.append(given.get(joint, name))
    return tuple(found)


def _mixamo() -> dict[str, str]:
    trunk = ("hips", "spine", "chest", "upperChest", "neck", "head")
    names = dict(zip(trunk, ("Hips", "Spine", "Spine1", "Spine2", "Neck", "Head"), strict=True))
    limbs = {"Shoulder": "Shoulder", "UpperArm": "Arm", "LowerArm": "ForeArm", "Hand": "Hand"}
    limbs |= {"UpperLeg": "UpLeg", "LowerLeg": "Leg", "Foot": "Foot", "Toes": "ToeBase"}
    for side in SIDES:
        names |= {side + bone: side.capitalize() + name for bone, name in limbs.items()}
        for finger, bones in FINGERS.items():
            title = f"{side.capitalize()}Hand{'Pinky' if finger == 'Little' else finger}"
            names |= {side + bone: f"{title}{number}" for number, bone in enumerate(bones, start=1)}
    return {bone: f"mixamorig:{name}" for bone, name in names.items()}


def _unity() -> dict[str, str]:
    bones = ["hips", "spine", "chest", "upperChest", "neck", "head", "leftEye", "rightEye", "jaw"]
    limbs = ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toes")
    bones += [side + bone for side in SIDES for bone in limbs]
    names = {bone: bone[0].upper() + bone[1:] for bone in bones}
    segments = ("Proximal", "Intermediate", "Distal")
    for side in SIDES:
        for finger, parts in FINGERS.items():
            # Unity calls the bone of the thumb in the palm its proximal one.
            title = side.capitalize() + finger
            names |= {side + part: title + segment for part, segment in zip(parts, segments, strict=True)}
    return names


def _unreal() -> dict[str, str]:
    trunk = ("hips", "spine", "chest", "upperChest", "neck", "head")
    names = dict(zip(trunk, ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"), strict=True))
    limbs = {"Shoulder": "clavicle", "UpperArm": "upperarm", "LowerArm": "lowerarm", "Hand": "hand"}
    limbs |= {"UpperLeg": "thigh", "LowerLeg": "calf", "Foot": "foot", "Toes": "ball"}
    for side in SIDES:
        names |= {side + bone: f"{name}_{side[0]}" for bone, name in limbs.items()}
        for finger, bones in FINGERS.items():
            title = "pinky" if finger == "Little" else finger.lower()
            names |= {side + bone: f"{title}_0{number}_{side[0]}" for number, bone in enumerate(bones, start=1)}
    return names


def _blender() -> dict[str, str]:
    trunk = ("hips", "spine", "chest", "upperChest", "neck", "head")
    rigify = ("spine", "spine.001", "spine.002", "spine.003", "spine.004", "spine.006")
    names = dict(zip(trunk, rigify, strict=True))
    limbs = {"Shoulder": "shoulder", "UpperArm": "upper_arm", "LowerArm": "forearm", "Hand": "hand"}
    limbs |= {"UpperLeg": "thigh", "LowerLeg": "shin", "Foot": "foot", "Toes": "toe"}
    for side in SIDES:
        end = f".{side[0].upper()}"
        names |= {side + bone: name + end for bone, name in limbs.items()}
        for finger, bones in FINGERS.items():
            title = "thumb" if finger == "Thumb" else f"f_{'pinky' if finger == 'Little' else finger.lower()}"
            names |= {side + bone: f"{title}.0{number}{end}" for number, bone in enumerate(bones, start=1)}
    return names


PRESETS: Mapping[str, BvhPreset] = {
    # Metres as its importer expects them, and names of Rigify's skeleton.
    "blender": BvhPreset(metres_per_unit=METRES["m"], up="y", names=_blender()),
    # Names of its humanoid.
    "unity": BvhPreset(metres_per_unit=METRES["m"], up="y", names=_unity()),
    # Names of its mannequin.
    "unreal": BvhPreset(metres_per_unit=METRES["cm"], up="z", names=_unreal()),
    "mixamo": BvhPreset(metres_per_unit=METRES["cm"], up="y", names=_mixamo()),
}
"""Name -> how that program wants a BVH file."""
