"""A recording that is looked at for faults: what several detectors need of it is computed once.

Shape letters: T frames.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion import kinematics
from transflower.motion.anatomy import points
from transflower.motion.clip import Clip
from transflower.motion.humanoid import find_bones
from transflower.motion.jumps import first_frames_apart
from transflower.motion.retarget.rig import Rig, read_rig

_ENOUGH_SECONDS = 1.0
_FLOOR_PERCENTILE = 5


@dataclass(frozen=True, eq=False)
class Take:
    """A recording, in metres and with Y up."""

    clip: Clip

    @cached_property
    def world(self) -> kinematics.World:
        """Positions and rotations of all joints."""
        return kinematics.forward(self.clip)

    @cached_property
    def rig(self) -> Rig | None:
        """The bones, and how they stand; None where this is no body with two arms and two legs."""
        try:
            return read_rig(self.clip)
        except DataError:
            return None

    @cached_property
    def bones(self) -> list[int]:
        """The joints that are bones of a body, else all that have a child."""
        found = find_bones(self.clip.skeleton)
        if not found.missing:
            return sorted(set(found.joints.values()))
        return [joint for joint, children in enumerate(self.clip.skeleton.children) if children]

    @cached_property
    def steps(self) -> Float[np.ndarray, " T"]:
        """Metres that the middle one of all bones goes from the frame before; 0 in the first frame."""
        ways = np.linalg.norm(np.diff(self.world[0][:, self.bones], axis=0), axis=-1)
        return np.concatenate([[0.0], np.median(ways, axis=1)])

    @cached_property
    def lowest(self) -> Float[np.ndarray, " T"]:
        """Height of the lowest point of the body, a joint or an end site."""
        kept = [*self.bones, *range(self.clip.skeleton.num_joints, self.clip.skeleton.num_joints + self._num_sites)]
        return np.asarray(points(self.clip, self.world)[:, kept, 1].min(axis=1))

    @cached_property
    def floor(self) -> float | None:
        """Height at which the lowest point of the body usually is; None where there is no body, or too little motion.

        That is the floor, or a little above it: soles are no joints.
        """
        if self.rig is None or self.clip.seconds < _ENOUGH_SECONDS:
            return None
        return float(np.percentile(self.lowest[self.num_first :], _FLOOR_PERCENTILE))

    @cached_property
    def num_first(self) -> int:
        """Frames at the start that are a pose apart from the movement."""
        return first_frames_apart(self.clip)

    @property
    def _num_sites(self) -> int:
        return len(self.clip.skeleton.end_sites)

    def frames(self, seconds: float) -> int:
        """So many seconds in frames; 1 at least."""
        return max(1, round(seconds * self.clip.fps))
