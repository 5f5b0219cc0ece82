"""What a recording tells of how the joints of its skeleton are turned when it stands.

Shape letters: T frames, J joints, N points (joints, then end sites).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

from transflower.motion import rotations as rot
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.retarget.square import Axes, Direction, is_along_axis

_RIGID = 0.999
"""Length of the mean of directions that are the same but for a little."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Frames of a recording."""

    humanoid: Humanoid
    """The bones."""
    points: Float[np.ndarray, "T N 3"]
    """Where joints and end sites are."""
    rotations: Float[np.ndarray, "T J 4"]
    """World rotations of the joints."""
    stands: Bool[np.ndarray, " T"]
    """In which frames somebody stands."""

    @cached_property
    def heading(self) -> Float[np.ndarray, "T 4"]:
        """The turn about Y from a body that faces +Z to this one."""
        across = self.between("rightUpperLeg", "leftUpperLeg")
        return rot.from_yaw(np.arctan2(-across[:, 2], across[:, 0]))

    @cached_property
    def lines(self) -> dict[int, Direction]:
        """Joints of the trunk from which a left and a right joint hang, and where is left as they see it."""
        joints = self.humanoid.joints
        shoulder = "Shoulder" if {"leftShoulder", "rightShoulder"} <= joints.keys() else "UpperArm"
        pairs = {joints["hips"]: "UpperLeg", self.humanoid.spine[-1]: shoulder, joints["head"]: "Eye"}
        found = {}
        for joint, bone in pairs.items():
            if {f"left{bone}", f"right{bone}"} <= joints.keys():
                line = rot.unit(self.seen(joint, self.between(f"right{bone}", f"left{bone}"))).mean(axis=0)
                if np.linalg.norm(line) > _RIGID:
                    found[joint] = rot.unit(line)
        return found

    @cached_property
    def is_square(self) -> bool:
        """Whether left lies along an axis of every joint from which a left and a right joint hang."""
        return self.humanoid.joints["hips"] in self.lines and all(map(is_along_axis, self.lines.values()))

    def between(self, start: str, end: str) -> Float[np.ndarray, "T 3"]:
        """From one bone's joint to that of another."""
        joints = self.humanoid.joints
        return self.points[:, joints[end]] - self.points[:, joints[start]]

    def seen(self, joint: int, ways: Float[np.ndarray, "T 3"]) -> Float[np.ndarray, "T 3"]:
        """Directions in the world as a joint sees them."""
        return rot.rotate(rot.inverse(self.rotations[:, joint]), ways)

    def mean_axes(
        self, joint: int, world: Float[np.ndarray, "T 4"], frames: Bool[np.ndarray, " T"] | None = None
    ) -> Axes:
        """The mean of a bone's axes in the world, as its joint sees them; of the frames that stand or of others."""
        chosen = self.stands if frames is None else frames
        return rot.mean(rot.multiply(rot.inverse(self.rotations[chosen, joint]), world[chosen]))
