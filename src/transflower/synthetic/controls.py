"""The controls in which a dancer is posed: a flat vector space, so that moves blend, scale and swing by plain sums.

Metres for shifts and degrees for angles: people write them. Positive is to the dancer's left, up, forward, a turn to
the left, a lean forward, and the left side up. Arms are rotation vectors around a middle pose (``arm_poses``), as the
left arm has them; the rig mirrors the right one. Shape letters: T frames, C controls.
"""

import numpy as np
from jaxtyping import Float

_CENTRE = (
    "sway",  # the hips to the left of the weight, metres
    "fore",  # the hips before the feet, metres
    "rise",  # the hips above the stance, metres
    "hip_yaw",
    "hip_pitch",
    "hip_roll",
    "chest_yaw",  # relative to the hips, spread over the spine
    "chest_pitch",
    "chest_roll",
    "chest_slide",  # isolations: the spine bends into an S, sideways and forward
    "chest_push",
    "head_yaw",
    "head_pitch",
    "head_roll",
)
ARM = ("arm_x", "arm_y", "arm_z", "elbow", "forearm", "wrist_bend", "wrist_side")
"""The controls of an arm pose, in order."""
_SIDE = (
    "shrug",  # the shoulder up
    *ARM,
    "heel",  # the heel up, the ball of the foot stays
    "knee",  # the knee out
    "swivel",  # the foot turned about its ball, toes out
)

NAMES = (*_CENTRE, *(f"{name}_l" for name in _SIDE), *(f"{name}_r" for name in _SIDE))
"""Every control, in order; those of a side end in ``_l`` or ``_r``."""
INDEX = {name: index for index, name in enumerate(NAMES)}
"""Column of each control."""

_TURNED_BY_MIRROR = {"sway", "hip_yaw", "hip_roll", "chest_yaw", "chest_roll", "chest_slide", "head_yaw", "head_roll"}


def arm_columns(side: str) -> list[int]:
    """Columns of the arm pose of side ``l`` or ``r``."""
    return [INDEX[f"{name}_{side}"] for name in ARM]


def mirror(controls: Float[np.ndarray, "T C"]) -> Float[np.ndarray, "T C"]:
    """The same pose seen in a mirror: left becomes right."""
    return controls[:, _MIRROR_COLUMNS] * _MIRROR_SIGNS


def _other_side(name: str) -> str:
    return {"_l": name[:-2] + "_r", "_r": name[:-2] + "_l"}.get(name[-2:], name)


_MIRROR_COLUMNS = [INDEX[_other_side(name)] for name in NAMES]
_MIRROR_SIGNS = np.array([-1.0 if name in _TURNED_BY_MIRROR else 1.0 for name in NAMES])
