"""Reading recordings as an extraction wants them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import read_recording
from transflower.motion.clip import Clip
from transflower.motion.jumps import without_first_frames
from transflower.motion.resample import resample
from transflower.motion.selection import select_joints


@runtime_checkable
class ClipReader(Protocol):
    """Reads recordings of one skeleton."""

    def clip(self, path: Path, fps: float) -> Clip:
        """Read a recording at a frame rate."""


@dataclass(frozen=True, kw_only=True)
class MotionReader:
    """Reads recordings in one unit, with one axis up, and keeps the same joints."""

    unit: str | float
    """As ``ReadOptions`` have it."""
    up: str
    """As ``ReadOptions`` have it."""
    joints: tuple[str, ...]
    """Names; none given: all."""
    fps: float | None
    """As ``ReadOptions`` have it."""
    drop_first: bool
    """Whether the first frame is left out, as ``without_first_frames`` does."""

    def __call__(self, path: Path) -> Recording:
        """Read a recording."""
        return self.cut(self.whole(path))

    def clip(self, path: Path, fps: float) -> Clip:
        """Read a recording at a frame rate."""
        return resample(self(path).clip, fps)

    def whole(self, path: Path) -> Recording:
        """Read a recording with all its frames and joints."""
        return read_recording(path, ReadOptions(unit=self.unit, up=self.up, fps=self.fps))

    def cut(self, recording: Recording) -> Recording:
        """What is wanted of a whole recording."""
        clip = without_first_frames(recording.clip) if self.drop_first else recording.clip
        return replace(recording, clip=select_joints(clip, self.joints) if self.joints else clip)

    def like(self, layout: BvhLayout) -> "MotionReader":
        """Reads in the unit and with the axis of another recording."""
        return replace(self, unit=layout.metres_per_unit, up=layout.up)
