"""The mean body of the SMPL family: joints, and where they are in the T-pose."""

import numpy as np

from transflower.motion.skeleton import Skeleton

PELVIS = np.array([-0.0018, -0.2233, 0.0282])
"""Where the pelvis is when the translation is zero, whatever its rotation."""

_BODY: tuple[tuple[str, int, tuple[float, float, float]], ...] = (
    ("pelvis", -1, (0.0, 0.0, 0.0)),
    ("left_hip", 0, (0.05858135, -0.08228004, -0.01766408)),
    ("right_hip", 0, (-0.06030973, -0.09051332, -0.01354254)),
    ("spine1", 0, (0.00443945, 0.12440352, -0.03838522)),
    ("left_knee", 1, (0.04345142, -0.38646945, 0.00803700)),
    ("right_knee", 2, (-0.04325663, -0.38368791, -0.00484304)),
    ("spine2", 3, (0.00448844, 0.13795640, 0.02682033)),
    ("left_ankle", 4, (-0.01479032, -0.42687458, -0.03742800)),
    ("right_ankle", 5, (0.01905555, -0.42004550, -0.03456167)),
    ("spine3", 6, (-0.00226458, 0.05603239, 0.00285505)),
    ("left_foot", 7, (0.04105436, -0.06028581, 0.12204243)),
    ("right_foot", 8, (-0.03483987, -0.06210566, 0.13032329)),
    ("neck", 9, (-0.01339020, 0.21163553, -0.03346758)),
    ("left_collar", 9, (0.07170245, 0.11399969, -0.01889817)),
    ("right_collar", 9, (-0.08295366, 0.11247234, -0.02370739)),
    ("head", 12, (0.01011321, 0.08893734, 0.05040987)),
    ("left_shoulder", 13, (0.12292141, 0.04520509, -0.01904600)),
    ("right_shoulder", 14, (-0.11322832, 0.04685326, -0.00847207)),
    ("left_elbow", 16, (0.25533190, -0.01564902, -0.02294649)),
    ("right_elbow", 17, (-0.26012748, -0.01436928, -0.03126873)),
    ("left_wrist", 18, (0.26570925, 0.01269811, -0.00737473)),
    ("right_wrist", 19, (-0.26910836, 0.00679372, -0.00602676)),
)
"""Name, parent and offset in metres, Y up, facing +Z: what all of the family share."""

_SMPL_HANDS = (
    ("left_hand", 20, (0.08669055, -0.01063603, -0.01559429)),
    ("right_hand", 21, (-0.08875370, -0.00865157, -0.01010708)),
)
_FACE = (
    ("jaw", 15, (0.0, 0.0, 0.02)),
    ("left_eye_smplhf", 15, (0.03, 0.06, 0.06)),
    ("right_eye_smplhf", 15, (-0.03, 0.06, 0.06)),
)
# From the wrist to the first joint, then from joint to joint, for a left hand: what a usual hand measures.
_FINGERS = {
    "index": ((0.098, 0.0, 0.024), (0.032, 0.0, 0.004), (0.022, 0.0, 0.003)),
    "middle": ((0.1, 0.004, 0.002), (0.03, 0.0, 0.0), (0.024, 0.0, 0.0)),
    "pinky": ((0.08, -0.006, -0.04), (0.02, 0.0, -0.006), (0.016, 0.0, -0.004)),
    "ring": ((0.09, 0.0, -0.021), (0.028, 0.0, -0.003), (0.023, 0.0, -0.002)),
    "thumb": ((0.03, -0.012, 0.026), (0.025, -0.004, 0.026), (0.022, -0.003, 0.02)),
}
_FINGERTIP = 0.02
_TIPS = {
    "head": (0.0, 0.19, 0.02),
    "left_foot": (0.01, -0.015, 0.075),
    "right_foot": (-0.01, -0.015, 0.075),
    "left_hand": (0.08, 0.0, 0.0),
    "right_hand": (-0.08, 0.0, 0.0),
}

BODY_JOINTS = len(_BODY)
"""Joints that SMPL, SMPL-H and SMPL-X share."""
HAND_JOINTS = 15
"""Joints of the fingers of a hand."""


def smpl_skeleton(*, fingers: bool = False, face: bool = False) -> Skeleton:
    """The mean body, with fingers as of SMPL-H instead of the hands of SMPL, and with a face as of SMPL-X."""
    joints = [*_BODY, *(_FACE if face else ())]
    joints += _finger_joints(len(joints)) if fingers else _SMPL_HANDS
    names, parents, offsets = zip(*joints, strict=True)
    sites = {names.index(name): tip for name, tip in _TIPS.items() if name in names}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        sites |= {names.index(f"{side}_{finger}3"): (sign * _FINGERTIP, 0.0, 0.0) for finger in _FINGERS if fingers}
    return Skeleton(names, parents, np.array(offsets), sites)


def _finger_joints(start: int) -> list[tuple[str, int, tuple[float, float, float]]]:
    joints: list[tuple[str, int, tuple[float, float, float]]] = []
    for side, sign, wrist in (("left", 1.0, 20), ("right", -1.0, 21)):
        for finger, offsets in _FINGERS.items():
            for bone, (x, y, z) in enumerate(offsets):
                parent = wrist if bone == 0 else start + len(joints) - 1
                joints.append((f"{side}_{finger}{bone + 1}", parent, (sign * x, y, z)))
    return joints
