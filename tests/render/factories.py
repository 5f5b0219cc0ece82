"""A dancer with elbows, knees and heels, and moments of sound."""

import numpy as np

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

SIDE = (
    ("Collar", "Chest", (0.04, 0.15, 0.0)),
    ("Arm", "Collar", (0.13, 0.0, 0.0)),
    ("ForeArm", "Arm", (0.28, 0.0, 0.0)),
    ("Hand", "ForeArm", (0.25, 0.0, 0.0)),
    ("UpLeg", "Hips", (0.09, -0.05, 0.0)),
    ("Leg", "UpLeg", (0.0, -0.42, 0.0)),
    ("Foot", "Leg", (0.0, -0.4, 0.0)),
    ("Toe", "Foot", (0.0, -0.06, 0.13)),
)
HIPS_HEIGHT = 0.96


def make_body(*, fingers: int = 0) -> Skeleton:
    """A skeleton of 20 joints, in a T pose at rest; with ``fingers`` of three joints each at both hands."""
    bones = [("Hips", "", (0.0, 0.0, 0.0)), ("Spine", "Hips", (0.0, 0.12, 0.0)), ("Chest", "Spine", (0.0, 0.2, 0.0))]
    bones += [("Neck", "Chest", (0.0, 0.2, 0.0)), ("Head", "Neck", (0.0, 0.1, 0.01))]
    tips = {"Head": (0.0, 0.2, 0.0)}
    for side, sign in (("Left", 1), ("Right", -1)):
        for name, parent, (x, y, z) in SIDE:
            bones.append((side + name, parent if parent in ("Chest", "Hips") else side + parent, (sign * x, y, z)))
        tips[side + "Toe"] = (0.0, 0.0, 0.07)
        if not fingers:
            tips[side + "Hand"] = (sign * 0.17, 0.0, 0.0)
        for finger in range(fingers):
            above = side + "Hand"
            for segment in range(3):
                name = f"{side}Finger{finger}_{segment}"
                bones.append(
                    (name, above, (sign * (0.03 if segment else 0.09), 0.0, 0.0 if segment else 0.02 * finger))
                )
                above = name
            tips[above] = (sign * 0.02, 0.0, 0.0)
    names = tuple(name for name, _, _ in bones)
    parents = tuple(names.index(parent) if parent else -1 for _, parent, _ in bones)
    offsets = np.array([offset for _, _, offset in bones])
    return Skeleton(names, parents, offsets, {names.index(name): tip for name, tip in tips.items()})


def stand(skeleton: Skeleton | None = None, *, num_frames: int = 3, fps: float = 30.0, yaw: float = 0.0) -> Clip:
    """A clip of somebody who stands still."""
    skeleton = skeleton or make_body()
    rotations = rot.identity(num_frames, skeleton.num_joints)
    rotations[:, 0] = rot.from_yaw(np.full(num_frames, yaw))
    return Clip(skeleton, fps, rotations, {0: np.tile([0.0, HIPS_HEIGHT, 0.0], (num_frames, 1))})
