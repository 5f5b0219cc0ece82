"""A mark beside files that belong together, while they are written: after a kill, their writing may begin again."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import UNFINISHED, leftovers, temporary_path
from transflower.core.storage import writing


@contextmanager
def marked(folder: Path, name: str, paths: Sequence[Path]) -> Iterator[None]:
    """While ``paths`` in ``folder`` are written, which belong together under ``name``.

    If it goes wrong, those that are new are removed; if it is stopped, they stay, and may be replaced.
    """
    mark = temporary_path(folder / f"{name}{UNFINISHED}")
    earlier = unfinished_since(folder, name)
    new = [path for path in paths if not is_kept(path, earlier)]
    with writing(folder / name, mark):
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        if earlier is not None:  # what was written then is still to be replaced
            os.utime(mark, (earlier, earlier))
    _remove_marks(folder, name)
    try:
        yield
    except Exception:
        for path in new:
            path.unlink(missing_ok=True)
        mark.unlink()
        raise
    mark.unlink()


def is_kept(path: Path, unfinished: float | None) -> bool:
    """Whether a file is there and older than what was left unfinished at a moment."""
    return path.exists() and (unfinished is None or path.stat().st_mtime < unfinished)


def unfinished_since(folder: Path, name: str) -> float | None:
    """When the writing began that a process, which is gone, has left unfinished."""
    return min((mark.stat().st_mtime for mark in _marks(folder, name)), default=None)


def check_free(folder: Path, name: str, paths: Iterable[Path]) -> None:
    """Refuse to replace a file; what was left unfinished under ``name`` may be replaced.

    Raises:
        DataError: files are there, naming the first.
    """
    since = unfinished_since(folder, name)
    taken = [path for path in paths if is_kept(path, since)]
    if taken:
        more = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise DataError(f"{taken[0]}{more} is there already; add --overwrite, or choose another --out")


def _remove_marks(folder: Path, name: str) -> None:
    for mark in _marks(folder, name):
        mark.unlink(missing_ok=True)


def _marks(folder: Path, name: str) -> list[Path]:
    """The marks of processes that are gone."""
    start = temporary_path(folder / f"{name}{UNFINISHED}").name.partition(f"-{os.getpid()}-")[0]
    return [path for path in leftovers(folder) if path.suffix == UNFINISHED and path.name.startswith(f"{start}-")]
