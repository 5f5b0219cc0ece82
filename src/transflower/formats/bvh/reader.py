"""Reading BVH files as exporters write them."""

from pathlib import Path

from transflower.core.errors import FormatError
from transflower.formats.bvh.channels import to_tracks
from transflower.formats.bvh.frames import parse_frames
from transflower.formats.bvh.hierarchy import parse_hierarchy
from transflower.formats.bvh.text import read_bvh_text
from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.recording import Recording
from transflower.motion.axes import guess_up, parse_up, rest_up, turn_clip, turn_skeleton
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton
from transflower.motion.units import guess_unit, parse_unit, scale_clip, scale_skeleton


class NoMotionError(FormatError):
    """A BVH file that ends after its hierarchy."""


def read_bvh(path: Path | str, *, unit: str | float = "auto", up: str = "auto", fps: float | None = None) -> Recording:
    """Read a recording.

    Args:
        path: the file.
        unit: ``m``, ``cm``, ``mm``, ``in``, metres per unit, or ``auto`` for what makes the body human. Logged.
        up: ``y``, ``-y``, ``z``, ``-z``, ``x``, ``-x``, or ``auto`` for the axis along which the body stands. Logged.
        fps: the frame rate of the recording, for a file whose frame time is wrong.

    Raises:
        FormatError: the file is no BVH or holds no whole clip; names the line and the frame (counted from 0).
        NoMotionError: it holds a skeleton alone.
        OptionsError: no such unit or axis.
    """
    path, metres, axis = Path(path), parse_unit(unit), parse_up(up)
    text = read_bvh_text(path)
    hierarchy = parse_hierarchy(path, text)
    if hierarchy.end is None:
        raise NoMotionError(path, "is a skeleton without MOTION; it holds no clip")
    values, frame_time, rate = parse_frames(path, text, hierarchy.end, hierarchy.num_channels, fps=fps)
    rotations, translations = to_tracks(hierarchy.skeleton, hierarchy.channels, values)
    metres = metres or guess_unit(path, hierarchy.skeleton)
    clip = scale_clip(Clip(hierarchy.skeleton, rate, rotations, translations), metres)
    axis = axis or guess_up(path, clip)
    rest = axis if rest_up(clip.skeleton) == axis else "y"
    layout = BvhLayout(
        metres_per_unit=metres,
        up=axis,
        rest=rest,
        channels=dict(zip(clip.skeleton.names, hierarchy.channels, strict=True)),
        frame_time=frame_time,
    )
    return Recording(clip=turn_clip(clip, axis, rest=rest), layout=layout)


def read_skeleton(path: Path | str, *, unit: str | float = "auto", up: str = "auto") -> Skeleton:
    """Read the hierarchy alone, in metres and Y up, from a file with or without MOTION.

    ``auto`` as the up axis is the one along which the skeleton stands in its rest pose.

    Raises:
        FormatError: the file is no BVH; names the line.
        OptionsError: no such unit or axis.
    """
    path, metres, axis = Path(path), parse_unit(unit), parse_up(up)
    skeleton = parse_hierarchy(path, read_bvh_text(path)).skeleton
    skeleton = scale_skeleton(skeleton, metres or guess_unit(path, skeleton))
    rest = rest_up(skeleton)
    return turn_skeleton(skeleton, rest) if rest != "y" and axis in {None, rest} else skeleton
