"""Where the centre of mass of a body is.

Shape letters: T frames, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion.humanoid.bones import SIDES
from transflower.motion.humanoid.humanoid import Humanoid

_MIDDLE = (("hips", "head", 0.5, 0.497), ("head", "head", 0.0, 0.081))
_OF_EACH_SIDE = (
    ("UpperArm", "LowerArm", 0.436, 0.028),
    ("LowerArm", "Hand", 0.43, 0.016),
    ("Hand", "Hand", 0.0, 0.006),
    ("UpperLeg", "LowerLeg", 0.433, 0.1),
    ("LowerLeg", "Foot", 0.433, 0.0465),
    ("Foot", "Foot", 0.0, 0.0145),
)
"""Bones from which and to which a part of the body goes, where along it its centre is, and its share of the mass.

After Winter, Biomechanics and Motor Control of Human Movement.
"""


def centre_of_mass(humanoid: Humanoid, positions: Float[np.ndarray, "T J 3"]) -> Float[np.ndarray, "T 3"]:
    """World positions of the centre of mass."""
    joints = humanoid.joints
    parts = [*_MIDDLE]
    parts += [(side + start, side + end, *rest) for side in SIDES for start, end, *rest in _OF_EACH_SIDE]  # type: ignore[misc]
    centre = np.zeros((len(positions), 3))
    for start, end, along, share in parts:
        centre += share * ((1 - along) * positions[:, joints[start]] + along * positions[:, joints[end]])
    return centre
