"""Which columns of motion features belong to which part of a body.

Parts are root, torso, head, left and right arm, left and right leg. A joint that is no bone of its own, such as a twist
joint or an end of a finger, belongs to the part of the nearest bone above it.
"""

from collections.abc import Mapping, Sequence

from transflower.features.sidecar import MotionSidecar
from transflower.motion.humanoid.bones import ARM, FINGERS, LEG, SIDES
from transflower.motion.humanoid.find import find_bones
from transflower.motion.humanoid.humanoid import Humanoid

ROOT, TORSO, HEAD, BODY = "root", "torso", "head", "body"
ALL = "all"
"""The group of all columns."""


def column_groups(sidecar: MotionSidecar) -> dict[str, list[int]]:
    """Part -> its columns, in order; of a skeleton that is no body, ``root`` and ``body``."""
    skeleton = sidecar.skeleton
    humanoid = find_bones(skeleton)
    joints = {name: joint for joint, name in enumerate(skeleton.names)}
    root = sidecar.root_chain.joint
    found: dict[str, list[int]] = {part: [] for part in part_names()}
    for column, name in enumerate(sidecar.names):
        joint = joints[name.rpartition("_")[0]]
        found[ROOT if joint == root else part_of(humanoid, joint)].append(column)
    return {part: columns for part, columns in found.items() if columns}


def merge_sides(groups: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Groups of columns with both arms as one, ``arms``, and both legs, ``legs``."""
    found: dict[str, list[int]] = {}
    for part, columns in groups.items():
        side, _, limb = part.partition(" ")
        found.setdefault(f"{limb}s" if side in SIDES and limb else part, []).extend(columns)
    return {part: sorted(columns) for part, columns in found.items()}


def part_names() -> list[str]:
    """All parts, from the root to the feet."""
    limbs = [f"{side} {limb}" for limb in ("arm", "leg") for side in SIDES]
    return [ROOT, TORSO, HEAD, *limbs, BODY]


def part_of(humanoid: Humanoid, joint: int) -> str:
    """The part of a joint."""
    bones = {joint: bone for bone, joint in humanoid.joints.items()}
    bone = next((bones[one] for one in (joint, *humanoid.ancestors(joint)) if one in bones), None)
    return BODY if bone is None else _PARTS[bone]


def _parts() -> dict[str, str]:
    found = {"hips": TORSO, "spine": TORSO, "chest": TORSO, "upperChest": TORSO, "neck": HEAD, "head": HEAD}
    found |= dict.fromkeys(("leftEye", "rightEye", "jaw"), HEAD)
    for side in SIDES:
        fingers = [bone for bones in FINGERS.values() for bone in bones]
        found |= {side + bone: f"{side} arm" for bone in (*ARM, *fingers)}
        found |= {side + bone: f"{side} leg" for bone in LEG}
    return found


_PARTS = _parts()
