"""Reading BVH files as exporters write them."""

from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import FormatError
from transflower.motion.bvh.channels import to_tracks
from transflower.motion.bvh.frames import frame_rate, parse_frames
from transflower.motion.bvh.hierarchy import parse_hierarchy
from transflower.motion.bvh.layout import BvhLayout
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton
from transflower.motion.units import guess_unit, parse_unit, scale_clip, scale_skeleton
from transflower.motion.up import guess_up, parse_up, rest_up, turn_clip, turn_skeleton


@dataclass(frozen=True, eq=False)
class BvhFile:
    """What a file holds, and how it wrote it."""

    clip: Clip
    """In metres, Y up."""
    layout: BvhLayout
    """Hand it to ``write_bvh`` for a file of the same kind."""


def read_bvh(path: Path | str, *, unit: str | float = "auto", up: str = "auto") -> BvhFile:
    """Read a recording.

    Args:
        path: the file.
        unit: ``m``, ``cm``, ``mm``, ``in``, metres per unit, or ``auto`` for what makes the body human. Logged.
        up: ``y``, ``z``, or ``auto`` for the axis along which the body stands. Logged.

    Raises:
        FormatError: the file is no BVH or holds no whole clip; names the line and the frame (counted from 0).
        OptionsError: no such unit or axis.
    """
    path, metres, axis = Path(path), parse_unit(unit), parse_up(up)
    text = _read_text(path)
    hierarchy = parse_hierarchy(path, text)
    if hierarchy.end is None:
        raise FormatError(path, "is a skeleton without MOTION; it holds no clip")
    values, frame_time = parse_frames(path, text, hierarchy.end, hierarchy.num_channels)
    rotations, translations = to_tracks(hierarchy.skeleton, hierarchy.channels, values)
    metres = metres or guess_unit(path, hierarchy.skeleton)
    clip = scale_clip(Clip(hierarchy.skeleton, frame_rate(frame_time), rotations, translations), metres)
    axis = axis or guess_up(path, clip)
    rest = rest_up(clip.skeleton) if axis == "z" else "y"
    layout = BvhLayout(
        metres_per_unit=metres,
        up=axis,
        rest=rest,
        channels=dict(zip(clip.skeleton.names, hierarchy.channels, strict=True)),
        frame_time=frame_time,
    )
    return BvhFile(turn_clip(clip, rest) if axis == "z" else clip, layout)


def read_skeleton(path: Path | str, *, unit: str | float = "auto", up: str = "auto") -> Skeleton:
    """Read the hierarchy alone, in metres and Y up, from a file with or without MOTION.

    ``auto`` as the up axis is the one along which the skeleton stands in its rest pose.

    Raises:
        FormatError: the file is no BVH; names the line.
        OptionsError: no such unit or axis.
    """
    path, metres, axis = Path(path), parse_unit(unit), parse_up(up)
    skeleton = parse_hierarchy(path, _read_text(path)).skeleton
    skeleton = scale_skeleton(skeleton, metres or guess_unit(path, skeleton))
    return turn_skeleton(skeleton) if axis != "y" and rest_up(skeleton) == "z" else skeleton


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise FormatError(path, "is a folder, not a BVH file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error
    if not data.strip():
        raise FormatError(path, "is empty")
    if b"\0" in data:
        raise FormatError(path, "is not text; a BVH file begins with the word HIERARCHY")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # only names can hold such letters, and they stay apart from each other
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
