"""Reading recordings as an extraction wants them."""

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from transflower.core.errors import DataError
from transflower.features.extraction.sources import Source
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

    def clip(self, source: Source, fps: float) -> Clip:
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

    def __call__(self, source: Source) -> Recording:
        """Read a recording."""
        return self.cut(self.whole(source))

    def clip(self, source: Source, fps: float) -> Clip:
        """Read a recording at a frame rate."""
        return resample(self(source).clip, fps)

    def whole(self, source: Source) -> Recording:
        """Read a recording with all its joints, and the frames of its span.

        Raises:
            FormatError: it cannot be read.
            DataError: there is nothing in its span.
        """
        options = ReadOptions(unit=self.unit, up=self.up, fps=source.fps or self.fps)
        recording = read_recording(source.path, options)
        return recording if source.span == (0.0, None) else replace(recording, clip=_within(recording.clip, source))

    def cut(self, recording: Recording) -> Recording:
        """What is wanted of a whole recording."""
        clip = without_first_frames(recording.clip) if self.drop_first else recording.clip
        return replace(recording, clip=select_joints(clip, self.joints) if self.joints else clip)

    def like(self, layout: BvhLayout) -> "MotionReader":
        """Reads in the unit and with the axis of another recording."""
        return replace(self, unit=layout.metres_per_unit, up=layout.up)


def _within(clip: Clip, source: Source) -> Clip:
    start, stop = source.span
    frames = slice(round(start * clip.fps), None if stop is None else round(stop * clip.fps))
    if frames.start >= clip.num_frames:
        raise DataError(f"lasts {clip.seconds:.4g} seconds, and shall count from second {start:g} on")
    return clip[frames]
