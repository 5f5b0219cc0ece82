"""The bones of a humanoid, named as VRM 1.0 names them."""

from itertools import pairwise

SIDES = ("left", "right")

TRUNK = ("hips", "spine", "chest", "upperChest", "neck", "head")
ARM = ("Shoulder", "UpperArm", "LowerArm", "Hand")
LEG = ("UpperLeg", "LowerLeg", "Foot", "Toes")
FINGERS = {
    "Thumb": ("ThumbMetacarpal", "ThumbProximal", "ThumbDistal"),
    "Index": ("IndexProximal", "IndexIntermediate", "IndexDistal"),
    "Middle": ("MiddleProximal", "MiddleIntermediate", "MiddleDistal"),
    "Ring": ("RingProximal", "RingIntermediate", "RingDistal"),
    "Little": ("LittleProximal", "LittleIntermediate", "LittleDistal"),
}
"""Each finger's bones, from the hand to the tip, without the side."""
FACE = ("leftEye", "rightEye", "jaw")


def _parents() -> dict[str, str]:
    chains = [TRUNK, ("head", "jaw")]
    for side in SIDES:
        arm = tuple(side + bone for bone in ARM)
        chains += [("upperChest", *arm), ("hips", *(side + bone for bone in LEG)), ("head", f"{side}Eye")]
        chains += [(arm[-1], *(side + bone for bone in finger)) for finger in FINGERS.values()]
    return {bone: parent for chain in chains for parent, bone in pairwise(chain)}


PARENTS = _parents()
"""Bone -> the bone that it hangs from, which not every skeleton has. The hips hang from none."""
BONES = ("hips", *PARENTS)
"""All bones."""
REQUIRED = (
    "hips",
    "spine",
    "head",
    *(side + bone for side in SIDES for bone in (*LEG[:3], *ARM[1:])),
)
"""Bones without which there is no dance."""


def side(bone: str) -> str:
    """``left``, ``right``, or nothing.

    Example:
        >>> side("leftFoot"), side("spine")
        ('left', '')
    """
    return next((side for side in SIDES if bone.startswith(side)), "")


def spoken(bone: str) -> str:
    """The bone in words.

    Example:
        >>> spoken("leftLowerLeg")
        'left lower leg'
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in bone)
