"""Finding which joint of a skeleton is which bone: by the names of joints, and by shape where names do not tell.

Shape letters: N points (joints, then end sites).
"""

import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from transflower.motion.humanoid.bones import FINGERS, SIDES
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.humanoid.limbs import named_arms, named_legs, shaped_limbs
from transflower.motion.humanoid.names import JointName, read_name
from transflower.motion.humanoid.tree import Tree
from transflower.motion.kinematics import rest_positions
from transflower.motion.skeleton import Skeleton


def find_bones(skeleton: Skeleton, points: Float[np.ndarray, "N 3"] | None = None) -> Humanoid:
    """The bones that can be told; others are left out, so that any tree of joints gives an answer.

    Args:
        skeleton: the joints.
        points: where its joints and end sites are when it stands, Y up; by default in its rest pose.

    Example:
        >>> import numpy as np
        >>> names = ("Hips", "LeftUpLeg", "LeftLeg", "LeftFoot")
        >>> offsets = np.array([[0.0, 1, 0], [0.1, 0, 0], [0, -0.4, 0], [0, -0.4, 0]])
        >>> humanoid = find_bones(Skeleton(names, (-1, 0, 1, 2), offsets))
        >>> humanoid.joints
        {'leftUpperLeg': 1, 'leftLowerLeg': 2, 'leftFoot': 3}
        >>> humanoid.missing[:2]
        ('hips', 'spine')
    """
    tree, names = Tree(skeleton), [read_name(name) for name in skeleton.names]
    legs, arms = named_legs(tree, names), named_arms(tree, names)
    if len(_complete(legs, "Foot")) < 2 or len(_complete(arms, "Hand")) < 2:
        shaped = shaped_limbs(tree, names, rest_points(skeleton) if points is None else points)
        legs = legs if len(_complete(legs, "Foot")) == 2 else shaped[0] or legs
        arms = arms if len(_complete(arms, "Hand")) == 2 else shaped[1] or arms
    joints = _without_doubles(legs | arms)
    if _complete(legs, "Foot") and _complete(arms, "Hand"):
        joints = _without_doubles(_trunk(tree, names, joints) | joints)
    for side in SIDES:
        if f"{side}Hand" in joints:
            joints |= _fingers(tree, names, joints[f"{side}Hand"], side)
    if "head" in joints:
        joints |= _face(tree, names, joints["head"])
    return Humanoid(skeleton, joints)


def rest_points(skeleton: Skeleton) -> Float[np.ndarray, "N 3"]:
    """Where joints and end sites are in the rest pose."""
    joints = rest_positions(skeleton)
    sites = [joints[joint] + np.array(offset) for joint, offset in skeleton.end_sites.items()]
    return np.concatenate([joints, np.reshape(sites, (-1, 3))])


def _complete(limb: dict[str, int], end: str) -> list[str]:
    return [side for side in SIDES if side + end in limb]


def _without_doubles(joints: dict[str, int]) -> dict[str, int]:
    kept: dict[str, int] = {}
    for bone, joint in joints.items():
        if joint not in kept.values():
            kept[bone] = joint
    return kept


def _trunk(tree: Tree, names: Sequence[JointName], limbs: dict[str, int]) -> dict[str, int]:
    """Hips, spine, neck and head, which lie between the limbs."""
    tops = [limbs.get(f"{side}Shoulder", limbs[f"{side}UpperArm"]) for side in _complete(limbs, "Hand")]
    chest = tree.meeting(tops) if len(tops) > 1 else max(tree.skeleton.parents[tops[0]], 0)
    middle = tree.meeting([chest, *(limbs[f"{side}UpperLeg"] for side in _complete(limbs, "Foot"))])
    called = [joint for joint in tree.path(middle) if "hips" in names[joint].roles]
    hips = called[0] if called else middle
    path = tree.path(chest)
    spine = path[: path.index(hips)][::-1]
    found = {"hips": hips}
    if spine:
        found["spine"] = spine[0]
    if len(spine) > 1:
        found["chest"] = spine[1] if len(spine) < 4 else spine[len(spine) // 2]
    if len(spine) > 2:
        found["upperChest"] = spine[-1]
    head = _head(tree, names, chest, set(tops))
    if head is not None:
        found["head"] = head
        way = tree.path(head)
        neck = way[1 : way.index(chest)][::-1]
        if neck:
            found["neck"] = neck[0]
    return found


def _head(tree: Tree, names: Sequence[JointName], chest: int, arms: set[int]) -> int | None:
    """The topmost joint above the chest that is called a head, or the last one that goes on as a spine or a neck."""
    below = tree.below(chest)
    named = [joint for joint in below if "head" in names[joint].roles and not names[joint].side]
    if named:
        return named[0]
    on_arms = {joint for arm in arms for joint in (arm, *tree.below(arm))}
    last: int | None = None
    for joint in below:
        goes_on = bool({"spine", "neck"}.intersection(names[joint].roles))
        is_next = tree.skeleton.parents[joint] == (chest if last is None else last)
        if joint not in on_arms and is_next and (goes_on or (last is None and not names[joint].is_helper)):
            last = joint
    if last is None or "neck" in names[last].roles:
        return None
    return last if names[last].roles else _last_of_chain(tree, last)


def _last_of_chain(tree: Tree, joint: int) -> int:
    """Where names tell nothing: the last joint but one of a chain of several, whose last is the top of the head."""
    chain = [joint]
    while tree.skeleton.children[chain[-1]]:
        chain.append(max(tree.skeleton.children[chain[-1]], key=lambda child: len(tree.below(child))))
    return chain[min(1, len(chain) - 1)]


def _fingers(tree: Tree, names: Sequence[JointName], hand: int, side: str) -> dict[str, int]:
    found: dict[str, int] = {}
    below = tree.below(hand)
    for finger, bones in FINGERS.items():
        chain = [joint for joint in below if names[joint].finger == finger and not names[joint].is_helper]
        chain = [joint for joint in chain if joint == chain[0] or chain[0] in tree.path(joint)]
        if finger != "Thumb" and len(chain) > 1 and _is_in_palm(tree, names, chain):
            chain = chain[1:]
        found |= dict(zip((side + bone for bone in bones), chain, strict=False))
    return found


def _is_in_palm(tree: Tree, names: Sequence[JointName], chain: list[int]) -> bool:
    """Whether the first joint of a finger is a bone of the palm: it says so, or it alone has no number."""
    numbered = [bool(re.search(r"\d", tree.skeleton.names[joint])) for joint in chain]
    return names[chain[0]].is_metacarpal or (len(chain) > 3 and not numbered[0] and all(numbered[1:]))


def _face(tree: Tree, names: Sequence[JointName], head: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for joint in tree.below(head):
        for bone, role in (("jaw", "jaw"), *((f"{side}Eye", "eye") for side in SIDES)):
            is_side = role == "jaw" or bone.startswith(names[joint].side or "-")
            if bone not in found and role in names[joint].roles and is_side:
                found[bone] = joint
    return found
