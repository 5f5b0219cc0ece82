"""FineDance's arrays: a row a frame, of the translation and 6 numbers for each of the 52 joints of SMPL-H.

Shape letters: T frames, J joints.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.array_file import ArrayFile, read_header
from transflower.core.errors import FormatError
from transflower.core.files import check_file
from transflower.core.numbers import LARGEST
from transflower.formats.format import Format, ReadOptions
from transflower.formats.npz.smpl_body import PELVIS, smpl_skeleton
from transflower.formats.recording import Recording
from transflower.motion import rotations as rot
from transflower.motion.axes import find_up, parse_up, turn_clip
from transflower.motion.clip import Clip
from transflower.motion.units import parse_unit, scale_clip

FPS = 30.0
"""Frames per second of the data set."""
_JOINTS = 52
_COLUMNS = 3 + 6 * _JOINTS
_CONTACTS = 4
"""Columns of foot contacts that its own preparation puts in front."""
_MOST_FRAMES = 10**6
_SHORTEST = 1e-3
"""Of an axis, and of the part of the second axis that is at right angles to the first."""


def read_finedance(path: Path, options: ReadOptions) -> Recording:
    """Read an array ``[T, 315]``, or ``[T, 319]`` with contacts in front.

    Raises:
        FormatError: it is no such array, or holds numbers that are no rotations.
        OptionsError: no such unit or axis.
    """
    metres, up = parse_unit(options.unit), parse_up(options.up)
    rows = _read_rows(path)
    poses = rows[:, 3:].reshape(len(rows), _JOINTS, 6)
    _check_axes(path, poses)
    skeleton = smpl_skeleton(fingers=True)
    # The numbers are the first two rows of a matrix, which are the columns of its inverse.
    rotations = rot.inverse(rot.from_rot6d(poses))
    clip = Clip(skeleton, options.fps or FPS, rotations, {0: rows[:, :3] + PELVIS})
    clip = clip if metres is None else scale_clip(clip, metres)
    return Recording(clip=turn_clip(clip, up or find_up(clip) or "y", rest="y"))


def is_finedance(path: Path) -> bool:
    """Whether an array has that many columns, and is no feature with a sidecar."""
    try:
        shape = read_header(path).shape
    except FormatError:
        return False
    return len(shape) == 2 and shape[1] in {_COLUMNS, _COLUMNS + _CONTACTS} and not sidecar_of(path).is_file()


def sidecar_of(path: Path) -> Path:
    """The file that would describe an array of features, ``ID.FEATURE.npy``."""
    return path.with_name(f"{path.stem.rpartition('.')[2]}.json")


def _read_rows(path: Path) -> Float[np.ndarray, "T 315"]:
    check_file(path)
    header = read_header(path)
    if len(header.shape) != 2 or header.shape[1] not in {_COLUMNS, _COLUMNS + _CONTACTS}:
        raise FormatError(
            path,
            f"is an array of shape {list(header.shape)}, and those that hold motion have {_COLUMNS} columns; "
            "features are ID.FEATURE.npy, with FEATURE.json beside them",
        )
    if not 0 < header.shape[0] <= _MOST_FRAMES:
        raise FormatError(path, f"has {header.shape[0]} frames, 1 to {_MOST_FRAMES} are possible")
    rows = ArrayFile(path, header).read().astype(float)[:, -_COLUMNS:]
    is_meant = np.abs(rows) <= LARGEST  # false for NaN
    if not is_meant.all():
        raise FormatError(path, "holds a number that is not finite, or huge", frame=int(np.argwhere(~is_meant)[0, 0]))
    return rows


def _check_axes(path: Path, poses: Float[np.ndarray, "T J 6"]) -> None:
    first, second = poses[..., :3], poses[..., 3:]
    lengths = np.linalg.norm(first, axis=-1)
    is_turn = (lengths > _SHORTEST) & (np.linalg.norm(np.cross(first, second), axis=-1) > _SHORTEST * lengths)
    if not is_turn.all():
        frame, joint = np.argwhere(~is_turn)[0]
        raise FormatError(path, f"holds 6 numbers of joint {joint} that are no rotation", frame=int(frame))


FINEDANCE = Format(name="finedance", suffixes=(".npy",), read=read_finedance, holds=is_finedance)
