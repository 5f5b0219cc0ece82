"""Arm poses by name, and the arithmetic that makes them controls.

A pose says where the upper arm and the forearm point, seen from the chest as (out to the side, up, forward). An upper
arm's rotation is the rotation vector from a middle pose, which keeps every pose of a human arm well inside half a
turn, where interpolating, scaling and filtering of vectors is safe. Shape letters: A controls of one arm.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.synthetic.curves import Number

_Direction = tuple[float, float, float]


@dataclass(frozen=True)
class ArmPose:
    """Directions of the two bones of an arm, out of line with each other, and the angles of the hand in degrees."""

    upper: _Direction
    fore: _Direction
    turn: Number = 0
    """Turn of the forearm about itself; positive shows the palm forward where the arm hangs."""
    bend: Number = 0
    """Wrist towards the palm."""


ARM_POSES = {
    # Down.
    "low": ArmPose((0.22, -1.0, 0.05), (0.08, -0.9, 0.42), bend=8),
    "low_out": ArmPose((0.6, -0.85, 0.05), (0.5, -0.8, 0.4), turn=-20, bend=-15),
    "swing_front": ArmPose((0.15, -0.8, 0.55), (-0.05, -0.05, 1.0), bend=5),
    "swing_back": ArmPose((0.3, -0.9, -0.5), (0.15, -0.85, 0.25), bend=10),
    "swing_across": ArmPose((0.1, -0.85, 0.4), (-0.6, -0.35, 0.7), bend=10),
    "swing_out": ArmPose((0.65, -0.75, 0.1), (0.55, -0.25, 0.75), bend=5),
    # At the waist and the chest.
    "ready": ArmPose((0.35, -1.0, -0.05), (-0.12, 0.12, 1.0), bend=5),
    "pump_front": ArmPose((0.25, -0.85, 0.5), (-0.15, 0.75, 0.65), bend=5),
    "pump_back": ArmPose((0.4, -0.8, -0.6), (-0.05, -0.25, 0.9), bend=5),
    "hip": ArmPose((0.78, -0.62, -0.28), (-0.8, -0.55, 0.28), bend=20),
    "chest": ArmPose((0.62, -0.7, 0.25), (-0.8, 0.32, 0.55), bend=10),
    "clap": ArmPose((0.25, -0.72, 0.5), (-0.5, 0.3, 0.8), bend=-10),
    # Level.
    "out": ArmPose((1.0, 0.0, 0.12), (0.95, 0.05, 0.32), bend=-5),
    "front": ArmPose((0.2, -0.12, 1.0), (-0.08, 0.12, 1.0), bend=-5),
    "across": ArmPose((-0.1, -0.2, 1.0), (-0.95, 0.05, 0.4), bend=10),
    "elbow_out": ArmPose((0.95, 0.02, 0.25), (-0.75, 0.0, 0.65), bend=5),
    "open": ArmPose((0.85, -0.35, 0.1), (0.7, 0.1, 0.7), turn=35, bend=-20),
    # Up.
    "roof_low": ArmPose((0.75, -0.25, 0.3), (0.2, 1.0, 0.25), bend=-60),
    "roof_high": ArmPose((0.5, 0.8, 0.2), (0.15, 1.0, 0.15), bend=-70),
    "goal": ArmPose((0.95, 0.1, 0.1), (0.15, 1.0, 0.2), bend=0),
    "vee": ArmPose((0.65, 0.75, 0.15), (0.45, 0.9, 0.25), bend=-10),
    "up": ArmPose((0.25, 1.0, 0.12), (-0.02, 1.0, 0.25), bend=0),
    "point_up": ArmPose((0.85, 0.55, 0.3), (0.75, 0.62, 0.45), bend=-5),
    "point_down": ArmPose((-0.1, -0.75, 0.65), (-0.5, -0.75, 0.45), bend=-5),
    "clap_high": ArmPose((0.35, 0.8, 0.45), (-0.65, 0.8, 0.2), bend=-10),
    "head": ArmPose((0.8, 0.6, 0.05), (-0.75, 0.35, -0.5), bend=15),
    "face": ArmPose((0.5, 0.15, 0.8), (-0.7, 0.75, 0.1), bend=-15),
    "crown": ArmPose((0.6, 0.85, 0.15), (-0.75, 0.65, 0.15), bend=-20),
}
"""Every arm pose that moves may name."""

_MIDDLE = ArmPose((0.75, -0.35, 0.6), (-0.1, 0.25, 1.0))


@cache
def arm_controls(name: str) -> Float[np.ndarray, "A"]:
    """The controls of a named pose: rotation vector from the middle pose, elbow, forearm, wrist; in degrees."""
    pose = ARM_POSES[name]
    vector = np.degrees(rot.to_expmap(rot.multiply(rot.inverse(_MIDDLE_ROTATION), _upper_rotation(pose))))
    cosine = _unit(pose.upper) @ _unit(pose.fore)
    elbow = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return np.array([*vector, elbow, pose.turn, pose.bend, 0.0])


def upper_arm_rotation(vectors: Float[np.ndarray, "*B 3"]) -> Float[np.ndarray, "*B 4"]:
    """Rotation of a left upper arm against the chest, from the first three controls in degrees."""
    return rot.multiply(_MIDDLE_ROTATION, rot.from_expmap(np.radians(vectors)))


def _upper_rotation(pose: ArmPose) -> Float[np.ndarray, "4"]:
    """Turns the resting left arm, which lies along +X and bends its elbow about -Y, into the pose."""
    along = _unit(pose.upper)
    hinge = _unit(np.cross(along, pose.fore))
    return rot.from_matrix(np.stack([along, -hinge, -np.cross(along, hinge)], axis=-1))


def _unit(vector: _Direction | Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return np.asarray(vector, float) / np.linalg.norm(vector)


_MIDDLE_ROTATION = _upper_rotation(_MIDDLE)
