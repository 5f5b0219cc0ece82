"""Files: read with bounds, written whole or not at all, under names that never leave their folder."""

import json
import os
import re
import secrets
import shutil
import socket
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from transflower.core.errors import DataError, FormatError
from transflower.core.numbers import parse_float, parse_int, shorten
from transflower.core.storage import writing

if TYPE_CHECKING:
    import numpy as np

_SAFE_NAME = re.compile(r"[^/\\\0]+")
_LONGEST_NAME = 255
"""Bytes of a file name, on every usual file system."""
_LONGEST_STEM, _LONGEST_SUFFIX = 40, 16
"""Characters of a name that its temporary begins and ends with, so that it fits with what is added."""
_TEMPORARY = re.compile(r"\..+\.(?P<host>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{6}(\..*)?", re.DOTALL)
UNFINISHED = ".unfinished"
"""Suffix of a marker file that stays until the work that it names is finished."""
CACHE_FOLDER = ".transflower"
"""Hidden folder beside features: what was found out about files, so that it need not be found out again."""
_LARGEST_JSON = 64 * 2**20
_SMALLEST_READ = 2**20

_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """A temporary name beside ``path``, with its suffix, that replaces ``path`` on success and vanishes on failure.

    The parent folder is made. For libraries that want to open the file themselves.

    Raises:
        WriteError: there is no space, or the file may not be written.
    """
    path = Path(path)
    temporary = temporary_path(path)
    try:
        with writing(path, temporary):
            path.parent.mkdir(parents=True, exist_ok=True)
            _sweep(path.parent)
            yield temporary
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path | str) -> Iterator[Path]:
    """A temporary folder beside ``path`` that replaces it on success and vanishes on failure.

    Raises:
        WriteError: there is no space, or the folder may not be written.
    """
    path = Path(path)
    temporary = temporary_path(path)
    old = temporary.with_name(f"{temporary.name}.old")
    try:
        with writing(path, temporary):
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.mkdir()
            yield temporary
            if path.exists():
                os.replace(path, old)
            os.replace(temporary, path)
            for left in leftovers(path.parent):
                if left.name.startswith(f".{path.stem[:_LONGEST_STEM]}."):
                    shutil.rmtree(left, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def remove_leftovers(folder: Path | str) -> None:
    """Remove temporary files in ``folder`` of killed processes of this machine."""
    for path in leftovers(folder):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def leftovers(folder: Path | str) -> list[Path]:
    """Temporary files in ``folder`` of processes of this machine that no longer run."""
    try:
        found = [(path, _TEMPORARY.fullmatch(path.name)) for path in Path(folder).iterdir()]
    except OSError:
        return []
    mine = [(path, int(match["process"])) for path, match in found if match and match["host"] == _host()]
    if not mine:
        return []
    import psutil  # imported late, so that --help is quick

    return [path for path, process in mine if not psutil.pid_exists(process)]


def temporary_path(path: Path) -> Path:
    """A new name beside ``path``, with its suffix; ``leftovers`` reads which process it belongs to."""
    suffix = path.suffix[:_LONGEST_SUFFIX]
    return path.with_name(f".{path.stem[:_LONGEST_STEM]}.{_host()}-{os.getpid()}-{secrets.token_hex(3)}{suffix}")


def write_array(path: Path | str, array: "np.ndarray") -> None:
    """Write a ``.npy`` file, atomically."""
    import numpy as np  # imported late, so that --help is quick

    with atomic_path(path) as temporary:
        np.save(temporary, array)


def is_there(path: Path) -> bool:
    """Whether the file or folder exists; False where the system does not tell."""
    try:
        return path.exists()
    except OSError:  # A name may be too long, a folder above closed.
        return False


def check_file(path: Path | str) -> None:
    """Refuse what is no regular file: reading a pipe would wait, and a device may never end.

    Raises:
        FormatError: it is missing, closed to us, a folder, a pipe or a device, or a link to one.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        _refuse_unread(path, error)
    kind = next((name for is_kind, name in _KINDS.items() if is_kind(mode)), None)
    if kind is not None:
        raise FormatError(path, f"cannot be read (it is {kind}, not a file)")


def read_bytes(path: Path | str, *, limit: int) -> bytes:
    """The content of a file.

    Raises:
        FormatError: it is no regular file, cannot be read, or is larger than ``limit`` bytes.
    """
    check_file(path)
    try:
        with Path(path).open("rb") as file:
            # Not the limit itself: memory for as many bytes would be taken before one is read.
            content = file.read(min(limit, max(_SMALLEST_READ, os.fstat(file.fileno()).st_size)) + 1)
    except (OSError, ValueError) as error:
        _refuse_unread(path, error)
    if len(content) > limit:
        raise FormatError(path, f"is larger than {limit / 2**20:.3g} MB, which no such file is")
    return content


def read_text(path: Path | str, *, limit: int, encoding: str = "utf-8") -> str:
    """The text of a file, with the line ends of Unix.

    Raises:
        FormatError: as ``read_bytes``, or it is no text of ``encoding``.
    """
    try:
        text = read_bytes(path, limit=limit).decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(path, f"is not {encoding.upper().removesuffix('-SIG')} text") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path | str, value: Any) -> None:
    """Write indented JSON, atomically."""
    write_text(path, json_text(value))


def json_text(value: Any) -> str:
    """What ``write_json`` writes."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def read_json(path: Path | str) -> Any:
    """Read JSON; its numbers are finite and within the bounds of ``core.numbers``.

    Raises:
        FormatError: missing, not UTF-8, not JSON, nested too deeply, or with a number out of bounds.
    """
    text = read_text(path, limit=_LARGEST_JSON)
    try:
        return json.loads(text, parse_int=parse_int, parse_float=parse_float, parse_constant=parse_float)
    except json.JSONDecodeError as error:
        raise FormatError(path, f"is not JSON: {error.msg}", line=error.lineno) from error
    except RecursionError as error:
        raise FormatError(path, "is nested too deeply") from error
    except ValueError as error:
        raise FormatError(path, str(error)) from error


def check_folder(folder: Path | str) -> None:
    """Refuse a folder in which nothing can be written, whether it exists or has to be made.

    Raises:
        DataError: it, or the nearest folder above that is there, is a file or is closed to us; or a name is too long.
    """
    check_path(folder)
    there = next(place for place in (Path(folder), *Path(folder).parents) if place.exists())
    if not there.is_dir():
        raise DataError(f"{there} is a file, not a folder; choose another --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise DataError(f"{there} may not be written to; choose another --out, or change its permissions")


def check_path(path: Path | str) -> None:
    """Refuse a path under which no file can be written, whatever lies there.

    Raises:
        DataError: a name in it is too long.
    """
    for name in Path(path).parts:
        _check_length(name)


def is_unicode(name: str) -> bool:
    """Whether a name that the file system gave can be written and shown."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_name(name: str, *, what: str = "sequence id") -> str:
    """Return ``name`` if it is usable as part of a file name inside a folder.

    Raises:
        DataError: it is empty, too long, no UTF-8, holds a path separator, or is ``..``: it could leave the folder.
    """
    if not is_unicode(name):
        raise DataError(f"{what} {name!r} is not UTF-8; rename it")
    if name in {"", ".", ".."} or not _SAFE_NAME.fullmatch(name):
        raise DataError(f"{what} {name!r} cannot be part of a file name; rename it without '/', '\\' or '..'")
    _check_length(name)
    return name


def _check_length(name: str) -> None:
    if (length := len(os.fsencode(name))) > _LONGEST_NAME:
        raise DataError(f"the name {shorten(name)!r} has {length} bytes, {_LONGEST_NAME} are the most; shorten it")


@cache
def _sweep(folder: Path) -> None:
    """Remove leftover files in a folder when this process first writes into it.

    Folders are kept: one may be the only copy of what was to be replaced.
    """
    for path in leftovers(folder):
        if path.suffix != UNFINISHED and not path.is_dir():
            path.unlink(missing_ok=True)


def _host() -> str:
    """Eight digits for this machine."""
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _refuse_unread(path: Path | str, error: OSError | ValueError) -> NoReturn:
    reason = error.strerror if isinstance(error, OSError) else "its name holds a zero byte"
    raise FormatError(path, f"cannot be read ({reason})") from error
