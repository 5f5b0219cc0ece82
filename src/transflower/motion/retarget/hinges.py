"""The axes about which elbows and knees bend.

Shape letters: T frames.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot

HINGES = {
    "leftUpperArm": np.array([0.0, -1, 0]),
    "rightUpperArm": np.array([0.0, 1, 0]),
    "leftUpperLeg": np.array([1.0, 0, 0]),
    "rightUpperLeg": np.array([1.0, 0, 0]),
}
"""The axis about which the joint at the end of a bone bends, in the axes of the bone."""
_LEAST_BEND = np.sin(np.radians(12))
"""Mean bend of an elbow or a knee from which its hinge can be told."""
_LEAST_AGREEMENT = 0.8
_MOST_TURN = np.radians(80)
"""A hinge that is farther away from where it is expected is another thing."""


def hinge_turn(
    first: Float[np.ndarray, "T 3"], second: Float[np.ndarray, "T 3"], expected: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "4"]:
    """The turn about the first bone from the expected hinge to that about which the second bone bends."""
    bends = rot.cross(first, second)
    total, along = bends.sum(axis=0), first.mean(axis=0)
    lengths = np.linalg.norm(bends, axis=-1).sum()
    is_clear = lengths > _LEAST_BEND * len(bends) and np.linalg.norm(total) > _LEAST_AGREEMENT * lengths
    along = along / max(float(np.linalg.norm(along)), 1e-9)
    total, wanted = (axis - (axis @ along) * along for axis in (total, expected))
    turn = rot.shortest(wanted, total)
    if not is_clear or rot.angle_between(np.array(rot.IDENTITY), turn) > _MOST_TURN:
        return np.array(rot.IDENTITY)
    return turn
