"""What an operating system says when a file cannot be written, as one sentence that names the file."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transflower.core.errors import TransflowerError, WriteError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_SPACE_BYTES = 65536
"""A library that fails to write while less is free has run out of space, whatever its message."""


@contextmanager
def writing(path: Path, temporary: Path) -> Iterator[None]:
    """While ``path`` is written, under the name ``temporary``: failures to write it become a ``WriteError``.

    A file inside of ``temporary`` is named as it will be called. Other exceptions pass: a file that could not be *read*
    is not the fault of the one that is written.

    Raises:
        WriteError: no space is left, or the file may not or cannot be written.
    """
    try:
        yield
    except WriteError as error:
        if temporary not in error.path.parents:
            raise
        raise WriteError(path / error.path.relative_to(temporary), error.reason) from error
    except TransflowerError:
        raise
    except Exception as error:
        reason = _reason(error, path, temporary)
        if reason is None:
            raise
        raise WriteError(path, reason) from error


def _reason(error: Exception, path: Path, temporary: Path) -> str | None:
    """Why ``path`` could not be written; None where ``error`` is about something else."""
    code = error.errno if isinstance(error, OSError) else None
    if code in _FULL or (code is None and _is_full(path)):
        return f"no space left on {_mount(path)}"
    named = [name for name in (getattr(error, "filename", None), getattr(error, "filename2", None)) if name is not None]
    mine = {os.fspath(place) for place in (path, temporary, *path.parents)}
    # A temporary that is missing was never written: an error of the caller.
    is_mine = any(os.fsdecode(name) in mine or os.fsdecode(name).startswith(f"{temporary}/") for name in named)
    if code is None or not is_mine or code == errno.ENOENT:
        return None
    return os.strerror(code)


def _is_full(path: Path) -> bool:
    """Whether nothing more can be written there: numpy, torch, safetensors and FFmpeg do not tell why they failed."""
    return shutil.disk_usage(_nearest(path)).free < _NO_SPACE_BYTES


def _mount(path: Path) -> Path:
    """The folder at which the file system of ``path`` begins."""
    place = _nearest(path).resolve()
    while not place.is_mount() and place != place.parent:
        place = place.parent
    return place


def _nearest(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next(place for place in (path.parent, *path.parent.absolute().parents) if place.is_dir())
