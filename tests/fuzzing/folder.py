"""What lies in the folder of a case: before a command, after it, and whether what is new is whole."""

import fnmatch
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tests.fuzzing.contract import Fault
from transflower.core.files import CACHE_FOLDER

_TOO_LARGE = 50 * 10**6
_LOCK = ".lock"
"""Of a run: it stays."""
_IS_KEPT = re.compile(rf"(.*/)?{re.escape(CACHE_FOLDER)}(/[^./][^/]*)?")
"""What was found out about files may stay whatever becomes of the command."""
Listing = Mapping[str, str]


def listing(folder: Path) -> Listing:
    """Every path below, links not followed, with what it is and a digest of what it holds."""
    return {str(path.relative_to(folder)): _what(path) for path in sorted(folder.rglob("*"))}


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder with links and FIFOs as they are."""
    shutil.copytree(source, target, symlinks=True, copy_function=_copy)


def faults_of_files(
    folder: Path, before: Listing, *, failed: bool, may_change: Sequence[str], may_remain: Sequence[str]
) -> list[Fault]:
    """What was touched, left over or half-written; patterns name what may change, and what may be new after failing."""
    after = listing(folder)
    faults = []
    for name, what in before.items():
        if after.get(name) != what and not _fits(name, may_change):
            faults.append(Fault(kind="an input was changed", detail=name))
    for name in after.keys() - before.keys():
        if _IS_KEPT.fullmatch(name):
            continue
        if any(part.startswith(".") and not part.endswith(_LOCK) for part in Path(name).parts):
            faults.append(Fault(kind="a temporary was left", detail=name))
        elif failed and not _fits(name, may_remain):
            faults.append(Fault(kind=f"failed and left {_kind(name)}", detail=name))
        elif reason := _broken(folder / name):
            faults.append(Fault(kind=f"wrote {_kind(name)} that {reason}", detail=name))
    return faults


def _copy(source: str, target: str) -> None:
    if stat.S_ISFIFO(os.lstat(source).st_mode):
        os.mkfifo(target)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _what(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"link {path.readlink()}"
    if stat.S_ISREG(mode):
        return f"file {hashlib.sha1(path.read_bytes()).hexdigest()}" if path.stat().st_size < _TOO_LARGE else "large"
    return f"other {stat.S_IFMT(mode)}"


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _kind(name: str) -> str:
    return f"a {Path(name).suffix}" if Path(name).suffix else "a file or folder"


def _broken(path: Path) -> str:
    """Why a new file is not whole; empty where it is, or where nobody can tell."""
    if not path.is_file() or path.stat().st_size > _TOO_LARGE:
        return ""
    try:
        if path.suffix == ".npy":
            array = np.load(path)
            return "" if array.dtype.kind in "iub" or np.isfinite(array).all() else "is not finite"
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
        if path.suffix == ".bvh":
            text = path.read_text(encoding="utf-8")
            numbers = text.partition("MOTION")[2]  # joints may be called anything
            is_finite = "nan" not in numbers and "inf" not in numbers
            return "" if text.endswith("\n") and is_finite else "is not finite or cut"
    except (ValueError, OSError, EOFError, RecursionError) as error:
        return f"cannot be read ({type(error).__name__})"
    return ""


def _refuse(name: str) -> None:
    raise ValueError(name)
