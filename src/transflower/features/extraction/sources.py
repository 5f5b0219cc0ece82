"""The recordings that are given: files, or folders with everything below them, each with an id."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_file, check_name
from transflower.core.listing import listing

Ids = Literal["name", "path"]
"""By what recordings are told apart."""
SEPARATOR = "__"
"""Between sub-folders and name in ids."""
_MOST_TOLD = 5
"""Suffixes that a message names."""


@dataclass(frozen=True)
class Excerpt:
    """The part of a song that belongs to a dance."""

    offset: float
    """Second of the song at which the dance starts."""
    rows: int
    """Frames of the dance."""


@dataclass(frozen=True)
class Source:
    """A recording."""

    sequence_id: str
    """The file's name without its suffix, perhaps with the sub-folders before it; for an excerpt, that of the dance."""
    path: Path
    """The file."""
    excerpt: Excerpt | None = None
    """The part of it that is meant; None: the whole."""
    needs: tuple[Path, ...] = ()
    """Other files on which its features depend."""
    beats: Path | None = None
    """File with the beats of the sound, one of ``needs``; None: they are heard."""
    fps: float | None = None
    """True frames per second of motion; None: as of the others."""
    span: tuple[float, float | None] = (0.0, None)
    """Seconds of the file between which the motion that counts is; None: up to its end."""
    partner: "Source | None" = None
    """The recording of the other one of a couple, on which its features depend too."""


def find_sources(
    paths: Sequence[Path | str],
    suffixes: Sequence[str],
    *,
    ids: Ids = "name",
    holds: Callable[[Path], bool] | None = None,
    failed: str = "nothing was extracted",
) -> list[Source]:
    """The recordings that ``paths`` name or hold, sorted by id; hidden files in folders are ignored.

    An id depends on nothing but the path of its file, so that it stays when others appear beside it.

    Args:
        paths: files and folders.
        suffixes: ends of the names of recordings.
        ids: by what they are told apart.
        holds: whether a file in a folder, of such a name, is a recording; None: all are.
        failed: how a message begins.

    Raises:
        DataError: listing paths that are missing, closed to us or of another kind, folders without recordings, names
            that cannot be ids, and ids that two files share.
    """
    found: dict[str, Path] = {}
    problems: list[str] = []
    for given in map(Path, paths):
        for file in _files_of(given, suffixes, problems, holds or _is_file):
            try:
                sequence_id = check_name(_id(file, given, ids))
            except DataError as error:
                problems.append(f"{given}: {error}")
                continue
            earlier = found.setdefault(sequence_id, file)
            if not earlier.samefile(file):
                problems.append(f"{file}: has the same id as {earlier}; {_remedy(file, earlier, ids)}")
    if not paths:
        problems.append(f"no file or folder is given; name some {_kinds(suffixes)} files")
    if problems:
        raise DataError(listing(failed, problems))
    return [Source(sequence_id, path) for sequence_id, path in sorted(found.items())]


def _id(file: Path, given: Path, ids: Ids) -> str:
    if ids == "name" or file == given:
        return file.stem
    return SEPARATOR.join(file.relative_to(given).with_suffix("").parts)


def _remedy(file: Path, earlier: Path, ids: Ids) -> str:
    if ids == "path" or file.parent == earlier.parent:
        return "rename one of them"
    return f"add --ids path for ids with the sub-folders in them, as {file.parent.name}{SEPARATOR}{file.stem}"


def _files_of(path: Path, suffixes: Sequence[str], problems: list[str], holds: Callable[[Path], bool]) -> list[Path]:
    try:
        is_folder = path.is_dir()
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror})")
        return []
    if is_folder:
        before = len(problems)
        files = [file for file in recordings_below(path, suffixes, problems) if holds(file)]
        if not files and len(problems) == before:
            problems.append(f"{path}: holds no {_kinds(suffixes)} file")
        return files
    if not os.path.lexists(path):
        problems.append(f"{path}: does not exist")
        return []
    try:
        check_file(path)
    except FormatError as error:
        problems.append(str(error))
        return []
    if path.suffix.lower() not in suffixes:
        problems.append(f"{path}: is not a {_kinds(suffixes)} file")
        return []
    return [path]


def recordings_below(folder: Path, suffixes: Sequence[str], problems: list[str]) -> list[Path]:
    """Files below a folder whose names end so, sorted, without hidden ones.

    Folders that may not be read are problems, so that their recordings are not missed.
    """

    def refuse(error: OSError) -> None:
        problems.append(f"{error.filename}: cannot be read ({error.strerror}); change its permissions")

    found = [
        path
        for parent, _, names in os.walk(folder, onerror=refuse)
        for path in (Path(parent, name) for name in names)
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and _is_file(path)
    ]
    return sorted(found)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # What may not be read is reported when it is read.
        return True


def _kinds(suffixes: Sequence[str]) -> str:
    if len(suffixes) <= _MOST_TOLD:
        return "/".join(suffixes)
    return f"{'/'.join(suffixes[:_MOST_TOLD])} or other {'motion' if '.bvh' in suffixes else 'sound'}"
