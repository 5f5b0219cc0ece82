"""Pickles as a format: SMPL bodies, as AIST++ has them, or frames of Motorica, as their contents say."""

from pathlib import Path
from typing import Any

from transflower.core.errors import FormatError
from transflower.core.files import read_bytes
from transflower.core.numbers import shorten
from transflower.formats.format import Format, ReadOptions
from transflower.formats.npz.smpl_reader import is_smpl, read_smpl
from transflower.formats.pickles.arrays import PickledArrays
from transflower.formats.pickles.frames import Frame, is_frame, read_frame
from transflower.formats.pickles.machine import LARGEST, read_pickle
from transflower.formats.pickles.motorica import is_motorica, read_motorica
from transflower.formats.recording import Recording

_MARKS = ((b"pose", b"trans"), (b"_alpha", b"_gamma"))
"""Words that stand in each kind of pickle of motion."""


def read_pickled_motion(path: Path, options: ReadOptions) -> Recording:
    """Read a pickle of either kind; nothing that it names is run.

    Raises:
        FormatError: it is no pickle, asks for something else than arrays, or holds no motion.
        OptionsError: no such unit or axis.
    """
    value = read_pickle(path)
    if is_frame(value) and is_motorica(frame := _frame(path, value)):
        return Recording(clip=read_motorica(path, frame, options))
    if isinstance(value, dict) and is_smpl(arrays := PickledArrays(path, value)):
        return Recording(clip=read_smpl(arrays, options))
    raise FormatError(
        path, "holds no motion: neither smpl_poses and smpl_trans, nor a data frame with columns JOINT_alpha"
    )


def _frame(path: Path, value: Any) -> Frame:
    try:
        return read_frame(value)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        # Its parts are whatever the file says.
        raise FormatError(path, f"holds a data frame that is damaged ({shorten(str(error), length=80)})") from error


def _holds_motion(path: Path) -> bool:
    try:
        content = read_bytes(path, limit=LARGEST)
    except FormatError:
        return False
    return any(all(mark in content for mark in marks) for marks in _MARKS)


PICKLE = Format(name="pkl", suffixes=(".pkl", ".pickle"), read=read_pickled_motion, holds=_holds_motion)
