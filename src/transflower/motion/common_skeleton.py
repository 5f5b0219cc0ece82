"""The skeleton on which motion of any source comes together: 22 joints, 1.70 m tall, in a T-pose that faces +Z.

Joints have the names that animation tools expect. The synthetic dancers have this skeleton too.
"""

from functools import cache

import numpy as np

from transflower.motion.skeleton import Skeleton

_CENTRE = (
    ("Hips", "", (0.0, 0.93, 0.0)),
    ("Spine", "Hips", (0.0, 0.09, -0.005)),
    ("Spine1", "Spine", (0.0, 0.12, 0.0)),
    ("Spine2", "Spine1", (0.0, 0.13, 0.0)),
    ("Neck", "Spine2", (0.0, 0.17, -0.01)),
    ("Head", "Neck", (0.0, 0.09, 0.015)),
)
# Of the left side; the right one mirrors X.
_ARM = (
    ("Shoulder", "Spine2", (0.035, 0.115, 0.0)),
    ("Arm", "Shoulder", (0.135, 0.01, 0.0)),
    ("ForeArm", "Arm", (0.28, 0.0, 0.0)),
    ("Hand", "ForeArm", (0.25, 0.0, 0.0)),
)
_LEG = (
    ("UpLeg", "Hips", (0.09, -0.04, 0.0)),
    ("Leg", "UpLeg", (0.0, -0.41, 0.0)),
    ("Foot", "Leg", (0.0, -0.40, 0.0)),
    ("ToeBase", "Foot", (0.0, -0.06, 0.13)),
)
_TIPS = {"Head": (0.0, 0.17, 0.0), "Hand": (0.17, 0.0, 0.0), "ToeBase": (0.0, -0.005, 0.075)}

_FINGER_BASES = {
    "Thumb": (0.03, -0.01, 0.03),
    "Index": (0.09, 0.0, 0.025),
    "Middle": (0.092, 0.0, 0.005),
    "Ring": (0.088, 0.0, -0.013),
    "Little": (0.08, 0.0, -0.03),
}
"""From the wrist to the first joint of each finger."""
_THUMB_BONES = ((0.03, -0.005, 0.025), (0.03, 0.0, 0.012), (0.025, 0.0, 0.005))
_FINGER_BONES = ((0.04, 0.0, 0.0), (0.025, 0.0, 0.0), (0.02, 0.0, 0.0))
"""From each joint to the next, and to the tip."""

BALL_HEIGHT = 0.02
"""Height of the toe joint above the floor when the foot stands flat, in metres."""


@cache
def common_skeleton(*, fingers: bool = False) -> Skeleton:
    """The skeleton; with ``fingers`` it has three joints more for each finger.

    Example:
        >>> common_skeleton().num_joints, common_skeleton(fingers=True).num_joints
        (22, 52)
    """
    bones: list[tuple[str, str, tuple[float, float, float]]] = list(_CENTRE)
    tips = {"Head": _TIPS["Head"]}
    # Depth first, as files hold it: reading a BVH of ours gives the same order.
    for limb, tip in ((_ARM, "Hand"), (_LEG, "ToeBase")):
        for side, sign in (("Left", 1.0), ("Right", -1.0)):
            for name, parent, (x, y, z) in limb:
                own = parent if parent in {"Spine2", "Hips"} else side + parent
                bones.append((side + name, own, (sign * x, y, z)))
            if fingers and tip == "Hand":
                _add_fingers(bones, tips, side, sign)
                continue
            x, y, z = _TIPS[tip]
            tips[side + tip] = (sign * x, y, z)
    names = [name for name, _, _ in bones]
    parents = tuple(names.index(parent) if parent else -1 for _, parent, _ in bones)
    offsets = np.array([offset for _, _, offset in bones])
    return Skeleton(tuple(names), parents, offsets, {names.index(name): tip for name, tip in tips.items()})


def _add_fingers(
    bones: list[tuple[str, str, tuple[float, float, float]]],
    tips: dict[str, tuple[float, float, float]],
    side: str,
    sign: float,
) -> None:
    for finger, base in _FINGER_BASES.items():
        name = "Pinky" if finger == "Little" else finger
        steps = (base, *(_THUMB_BONES if finger == "Thumb" else _FINGER_BONES))
        above = f"{side}Hand"
        for number, (x, y, z) in enumerate(steps[:3], start=1):
            bones.append((f"{side}Hand{name}{number}", above, (sign * x, y, z)))
            above = bones[-1][0]
        x, y, z = steps[3]
        tips[above] = (sign * x, y, z)
