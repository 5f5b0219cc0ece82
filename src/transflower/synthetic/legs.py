"""Two-bone inverse kinematics of the legs: rotations of thigh and shank, given hip and ankle.

Shape letters: T frames.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.synthetic.skeleton import SKELETON

THIGH = -float(SKELETON.offsets[SKELETON.index("LeftLeg")][1])
"""Length of the upper leg, metres."""
SHANK = -float(SKELETON.offsets[SKELETON.index("LeftFoot")][1])
"""Length of the lower leg, metres."""
LONGEST = 0.992 * (THIGH + SHANK)
"""Largest distance from hip to ankle: near full stretch small shifts of the hips turn the knee a lot."""
_SHORTEST = 0.35


def solve_leg(
    hip: Float[np.ndarray, "T 3"], ankle: Float[np.ndarray, "T 3"], knee_direction: Float[np.ndarray, "T 3"]
) -> tuple[Float[np.ndarray, "T 4"], Float[np.ndarray, "T 4"]]:
    """World rotations of thigh and shank, which at rest hang along -Y; the knee bends towards ``knee_direction``."""
    reach = ankle - hip
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    along = reach / distance
    distance = np.clip(distance, _SHORTEST, LONGEST)
    forward = knee_direction - np.sum(knee_direction * along, axis=-1, keepdims=True) * along
    forward /= np.linalg.norm(forward, axis=-1, keepdims=True)
    foot_point = (THIGH**2 - SHANK**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(THIGH**2 - foot_point**2, 0))
    knee = foot_point * along + height * forward
    hinge = np.cross(-along, forward)
    return _bone_rotation(knee, hinge), _bone_rotation(distance * along - knee, hinge)


def _bone_rotation(bone: Float[np.ndarray, "T 3"], hinge: Float[np.ndarray, "T 3"]) -> Float[np.ndarray, "T 4"]:
    up = -bone / np.linalg.norm(bone, axis=-1, keepdims=True)
    return rot.from_matrix(np.stack([hinge, up, np.cross(hinge, up)], axis=-1))
