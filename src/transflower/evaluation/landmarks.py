"""Where the bones of a humanoid are in each frame, by the names that metrics of published code take.

Shape letters: T frames, J joints.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.system import Sample
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.kinematics import forward
from transflower.motion.retarget.rig import told_bones

Landmarks = Mapping[str, Float[np.ndarray, "T 3"]]
"""World positions by name: hips, belly, chest, neck, head; on each side UpperArm, LowerArm, Hand, UpperLeg, LowerLeg,
Foot (the ankle) and Toes (the ball of the foot, or its tip where it has no such joint)."""

_LIMBS = ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")


def landmarks(sample: Sample) -> Landmarks:
    """Those of a sample.

    Raises:
        NotMeasurable: it is not motion, or its skeleton no humanoid.
    """
    return sample.once(landmarks, lambda: find_landmarks(clip_of(sample)))


def clip_of(sample: Sample) -> Clip:
    """The motion of a sample.

    Raises:
        NotMeasurable: it is none.
    """
    if sample.clip is None:
        raise NotMeasurable("it is not motion of a body")
    return sample.clip


def find_landmarks(clip: Clip) -> Landmarks:
    """Those of a clip.

    Raises:
        NotMeasurable: its skeleton is no humanoid, or has no feet.
    """
    humanoid = told_bones(clip)
    if humanoid.missing:
        raise NotMeasurable(f"its skeleton has no {humanoid.missing[0]}")
    positions, rotations = forward(clip)
    bones, spine = humanoid.joints, humanoid.spine
    joints = {"hips": bones["hips"], "belly": spine[0], "chest": spine[-1], "head": bones["head"]}
    joints["neck"] = (*humanoid.neck, bones["head"])[0]
    joints |= {side + limb: bones[side + limb] for side in SIDES for limb in _LIMBS}
    found = {name: positions[:, joint] for name, joint in joints.items()}
    for side in SIDES:
        found[f"{side}Toes"] = _toes(humanoid, side, positions, rotations)
    return found


def _toes(
    humanoid: Humanoid, side: str, positions: Float[np.ndarray, "T J 3"], rotations: Float[np.ndarray, "T J 4"]
) -> Float[np.ndarray, "T 3"]:
    joint = humanoid.joints.get(f"{side}Toes")
    if joint is not None:
        return positions[:, joint]
    foot = humanoid.joints[f"{side}Foot"]
    if foot not in humanoid.skeleton.end_sites:
        raise NotMeasurable(f"its skeleton has no {side} toes")
    return positions[:, foot] + rot.rotate(rotations[:, foot], np.array(humanoid.skeleton.end_sites[foot]))
