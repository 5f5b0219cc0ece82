"""Which recordings are meant: files, or folders with everything below them, each known by its stem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import check_name
from transflower.features.extraction.report import listing


@dataclass(frozen=True)
class Source:
    """A recording."""

    sequence_id: str
    """The file's name without its suffix."""
    path: Path
    """The file."""


def find_sources(paths: Sequence[Path | str], suffixes: Sequence[str]) -> list[Source]:
    """The recordings that ``paths`` name or hold, sorted by id; hidden files in folders are passed over.

    Raises:
        DataError: listing paths that are missing or of another kind, folders without recordings, and ids that two
            files share.
    """
    found: dict[str, Path] = {}
    problems: list[str] = []
    for given in map(Path, paths):
        files, problem = _files_of(given, suffixes)
        problems += [f"{given}: {problem}"] if problem else []
        for file in files:
            earlier = found.setdefault(check_name(file.stem), file)
            if not earlier.samefile(file):
                problems.append(f"{file}: has the same id as {earlier}; rename one of them")
    if not paths:
        problems.append(f"no file or folder is given; name some {_kinds(suffixes)} files")
    if problems:
        raise DataError(listing("nothing was extracted", problems))
    return [Source(sequence_id, path) for sequence_id, path in sorted(found.items())]


def _files_of(path: Path, suffixes: Sequence[str]) -> tuple[list[Path], str | None]:
    if path.is_dir():
        files = sorted(_recordings_below(path, suffixes))
        return files, None if files else f"holds no {_kinds(suffixes)} file"
    if not path.exists():
        return [], "does not exist"
    if path.suffix.lower() not in suffixes:
        return [], f"is not a {_kinds(suffixes)} file"
    return [path], None


def _recordings_below(folder: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file():
            yield path


def _kinds(suffixes: Sequence[str]) -> str:
    return "/".join(suffixes)
