"""A recording of a moving skeleton.

Shape letters: T frames, J joints.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Clip:
    """Local rotations of every joint and local translations of those that move, at ``fps``.

    Raises:
        DataError: no frames, shapes that do not fit the skeleton, or a frame rate that is not positive.

    Example:
        >>> import numpy as np
        >>> skeleton = Skeleton(names=("Hips",), parents=(-1,), offsets=np.zeros((1, 3)))
        >>> rotations = np.tile([1.0, 0, 0, 0], (60, 1, 1))
        >>> clip = Clip(skeleton, 30.0, rotations, {0: np.zeros((60, 3))})
        >>> clip.num_frames, clip.seconds
        (60, 2.0)
        >>> clip[15:].num_frames, clip[::2].num_frames
        (45, 30)
    """

    skeleton: Skeleton
    fps: float
    """Frames per second; any positive number."""
    rotations: Float[np.ndarray, "T J 4"]
    """Unit quaternions wxyz, each relative to the joint's parent."""
    translations: Mapping[int, Float[np.ndarray, "T 3"]]
    """Joint -> position relative to its parent in metres, in place of its offset. The root (0) is always there."""

    def __post_init__(self) -> None:
        num_frames, num_joints = self.rotations.shape[:2]
        if num_frames == 0:
            raise DataError("a clip needs at least one frame")
        if num_joints != self.skeleton.num_joints:
            raise DataError(f"rotations of {num_joints} joints do not fit a skeleton of {self.skeleton.num_joints}")
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise DataError(f"the frame rate must be positive, got {self.fps}")
        if 0 not in self.translations:
            raise DataError("the root joint needs a translation track")
        for joint, track in self.translations.items():
            if track.shape != (num_frames, 3):
                raise DataError(f"translations of {self.skeleton.names[joint]!r} have shape {track.shape}")

    def __getitem__(self, frames: slice) -> "Clip":
        """Some of the frames; the frame rate stays what it is.

        Raises:
            DataError: there are no such frames.
        """
        tracks = {joint: track[frames] for joint, track in self.translations.items()}
        return replace(self, rotations=self.rotations[frames], translations=tracks)

    @property
    def num_frames(self) -> int:
        """Frames."""
        return self.rotations.shape[0]

    @property
    def seconds(self) -> float:
        """Duration: frames / fps."""
        return self.num_frames / self.fps
