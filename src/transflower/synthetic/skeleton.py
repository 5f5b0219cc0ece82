"""The dancers' skeleton: 22 joints, named as animation tools expect, 1.70 m tall, resting in a T-pose facing +Z."""

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

HEEL_BEHIND_BALL = 0.18
"""Metres from the ball of the foot (the toe joint) back to the heel."""
BALL_HEIGHT = 0.02
"""Height of the toe joint above the floor when the foot stands flat, in metres."""


def _build() -> Skeleton:
    bones: list[tuple[str, str, tuple[float, float, float]]] = list(_CENTRE)
    tips = {"Head": _TIPS["Head"]}
    # Depth first, as files hold it: reading a BVH of ours gives the same order.
    for limb, tip in ((_ARM, "Hand"), (_LEG, "ToeBase")):
        for side, sign in (("Left", 1.0), ("Right", -1.0)):
            for name, parent, (x, y, z) in limb:
                own = parent if parent in {"Spine2", "Hips"} else side + parent
                bones.append((side + name, own, (sign * x, y, z)))
            x, y, z = _TIPS[tip]
            tips[side + tip] = (sign * x, y, z)
    names = [name for name, _, _ in bones]
    parents = tuple(names.index(parent) if parent else -1 for _, parent, _ in bones)
    offsets = np.array([offset for _, _, offset in bones])
    return Skeleton(tuple(names), parents, offsets, {names.index(name): tip for name, tip in tips.items()})


SKELETON = _build()
"""Names, parents and bone lengths of every synthetic dancer."""
