"""Writing BVH files: the same clip and layout give the same bytes.

Shape letters: T frames, K channels (columns).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError
from transflower.core.files import write_text
from transflower.formats.bvh.channels import to_columns
from transflower.formats.bvh.rate import frame_rate
from transflower.formats.bvh_layout import DEFAULT_POSITIONS, DEFAULT_ROTATIONS, BvhLayout
from transflower.motion.axes import turn_clip
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton
from transflower.motion.units import scale_clip

_DECIMALS = 6
_METRES_KEPT = 1e-7
"""Positions are written with 6 decimals, and with more where those would be coarser than this."""
_NOT_A_NAME = re.compile(r"^\s|\s$|[{}\r\n]|^$")


def write_bvh(path: Path | str, clip: Clip, *, layout: BvhLayout | None = None) -> None:
    """Write a clip, whole or not at all.

    Without ``layout``: centimetres, Y up, ZXY rotations. Joints whose movement needs more channels than the layout
    gives them get those as well. Euler angles are unwrapped, so that programs can interpolate between frames.

    Raises:
        DataError: a joint's name cannot be written, or a number is not finite.

    Example:
        >>> import numpy as np
        >>> from tempfile import TemporaryDirectory
        >>> from transflower.formats.bvh import read_bvh
        >>> from transflower.motion.skeleton import Skeleton
        >>> offsets = np.array([[0.0, 0, 0], [0.1, 0, 0], [-0.1, 0, 0]])
        >>> skeleton = Skeleton(names=("Hips", "LeftLeg", "RightLeg"), parents=(-1, 0, 0), offsets=offsets)
        >>> clip = Clip(skeleton, 30.0, np.tile([1.0, 0, 0, 0], (2, 3, 1)), {0: np.array([[0.0, 1, 0]] * 2)})
        >>> with TemporaryDirectory() as folder:
        ...     write_bvh(f"{folder}/still.bvh", clip)
        ...     again = read_bvh(f"{folder}/still.bvh", unit="m", up="y").clip
        >>> again.num_frames, again.skeleton.names
        (2, ('Hips', 'LeftLeg', 'RightLeg'))
    """
    layout = layout or BvhLayout()
    clip = _in_file_units(_checked(clip), layout)
    order = _depth_first(clip.skeleton)
    channels: dict[int, tuple[str, ...]] = {}
    columns = []
    for joint in order:
        channels[joint], values = to_columns(clip, joint, _wanted_channels(clip.skeleton, joint, layout))
        columns.append(values)
    decimals = max(_DECIMALS, math.ceil(math.log10(layout.metres_per_unit / _METRES_KEPT)))
    rows = np.round(np.concatenate(columns, axis=1), decimals) + 0.0  # + 0.0: no "-0.000000"
    row_format = " ".join(f"%.{decimals}f" for _ in range(rows.shape[1]))
    lines = _hierarchy_lines(clip.skeleton, order, channels, decimals)
    lines += ["MOTION", f"Frames: {clip.num_frames}", f"Frame Time: {_frame_time(clip.fps, layout)}"]
    lines += [row_format % tuple(row) for row in rows.tolist()]
    write_text(path, "\n".join(lines) + "\n")


def _checked(clip: Clip) -> Clip:
    for name in clip.skeleton.names:
        if _NOT_A_NAME.search(name):
            raise DataError(f"joint name {name!r} cannot be written to a BVH file; rename it")
    arrays = [clip.rotations, clip.skeleton.offsets, *clip.translations.values(), *clip.skeleton.end_sites.values()]
    if not all(np.isfinite(np.asarray(array, float)).all() for array in arrays):
        raise DataError("the clip holds numbers that are not finite, which no BVH file may")
    return clip


def _in_file_units(clip: Clip, layout: BvhLayout) -> Clip:
    return scale_clip(turn_clip(clip, layout.up, rest=layout.rest, back=True), 1 / layout.metres_per_unit)


def _depth_first(skeleton: Skeleton) -> list[int]:
    order, waiting = [], [0]
    while waiting:
        order.append(waiting.pop())
        waiting += reversed(skeleton.children[order[-1]])
    return order


def _wanted_channels(skeleton: Skeleton, joint: int, layout: BvhLayout) -> tuple[str, ...]:
    default = DEFAULT_ROTATIONS if joint else DEFAULT_POSITIONS + DEFAULT_ROTATIONS
    return layout.channels.get(skeleton.names[joint], default)


def _hierarchy_lines(
    skeleton: Skeleton, order: Sequence[int], channels: Mapping[int, Sequence[str]], decimals: int
) -> list[str]:
    """``order`` is depth first; ``depth`` counts the braces that are open."""
    lines, depth, depth_of = ["HIERARCHY"], 0, {-1: -1}
    for joint in order:
        depth_of[joint] = depth_of[skeleton.parents[joint]] + 1
        lines += _closing(depth, depth_of[joint])
        depth = depth_of[joint] + 1
        outer, inner = "\t" * (depth - 1), "\t" * depth
        lines += [f"{outer}{'JOINT' if joint else 'ROOT'} {skeleton.names[joint]}", f"{outer}{{"]
        lines.append(f"{inner}OFFSET {_offset(skeleton.offsets[joint], decimals)}")
        lines.append(" ".join([f"{inner}CHANNELS {len(channels[joint])}", *channels[joint]]))
        if joint in skeleton.end_sites:
            site = f"{inner}\tOFFSET {_offset(skeleton.end_sites[joint], decimals)}"
            lines += [f"{inner}End Site", f"{inner}{{", site, f"{inner}}}"]
    return lines + _closing(depth, 0)


def _closing(depth: int, until: int) -> list[str]:
    return ["\t" * level + "}" for level in range(depth - 1, until - 1, -1)]


def _offset(offset: Iterable[float], decimals: int) -> str:
    # Three digits more than in the frames: an offset is written once and its error adds up along the chain.
    numbers = (f"{round(float(value), decimals + 3) + 0.0:.{decimals + 3}f}" for value in offset)
    return " ".join(number.rstrip("0").rstrip(".") for number in numbers)


def _frame_time(fps: float, layout: BvhLayout) -> str:
    for text in (layout.frame_time, f"{1 / fps:.10f}"):
        with suppress(ValueError):  # what a sidecar holds may be no frame time
            if frame_rate(text) == fps:
                return text
    return np.format_float_positional(1 / fps, trim="-")
