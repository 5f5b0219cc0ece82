"""Files that appear whole or not at all, and names that never leave their folder."""

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transflower.core.errors import DataError, FormatError

_SAFE_NAME = re.compile(r"[^/\\\0]+")


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """A temporary name beside ``path``, with its suffix, that replaces ``path`` on success and vanishes on failure.

    The parent folder is made. For libraries that want to open the file themselves.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path | str) -> Iterator[Path]:
    """A temporary folder beside ``path`` that replaces it on success and vanishes on failure."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    stem = f".{path.name}.{uuid.uuid4().hex[:8]}"
    temporary, old = path.with_name(stem), path.with_name(f"{stem}.old")
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path | str, value: Any) -> None:
    """Write indented JSON, atomically."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path | str) -> Any:
    """Read JSON.

    Raises:
        FormatError: missing, not UTF-8, not JSON, or nested without end.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise FormatError(path, "is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise FormatError(path, f"is not JSON: {error.msg}", line=error.lineno) from error
    except RecursionError as error:
        raise FormatError(path, "is nested too deeply") from error


def check_folder(folder: Path | str) -> None:
    """Refuse a folder in which nothing can be written, whether it is there or to be made.

    Raises:
        DataError: it, or the nearest folder above that is there, is a file or is closed to us.
    """
    there = next(place for place in (Path(folder), *Path(folder).parents) if place.exists())
    if not there.is_dir():
        raise DataError(f"{there} is a file, not a folder; choose another --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise DataError(f"{there} may not be written to; choose another --out, or change its permissions")


def check_name(name: str, *, what: str = "sequence id") -> str:
    """Return ``name`` if it is usable as part of a file name inside a folder.

    Raises:
        DataError: it is empty, holds a path separator, or is ``..``: it could leave the folder.
    """
    if name in {"", ".", ".."} or not _SAFE_NAME.fullmatch(name):
        raise DataError(f"{what} {name!r} cannot be part of a file name; rename it without '/', '\\' or '..'")
    return name
