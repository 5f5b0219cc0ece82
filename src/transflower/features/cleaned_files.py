"""Where recordings without faults go: a file for each, or for each part of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import check_path
from transflower.formats.bvh.format import BVH
from transflower.formats.registry import find_format, find_suffix

_PART = re.compile(r"(.+)_part[1-9][0-9]*")


@dataclass(frozen=True, kw_only=True)
class CleanedFile:
    """Where one recording goes."""

    path: Path
    """Its file, if it stays whole; its parts have ``_part1`` and so on at the end of that name."""
    others: Mapping[Path, Path]
    """Files named like parts of it that other recordings become, and those recordings."""
    earlier: tuple[Path, ...]
    """What is there of it already: the whole, and parts."""

    def parts(self, count: int) -> list[Path]:
        """The files of so many parts.

        Raises:
            DataError: one of them is that of another recording.
        """
        if count == 1:
            return [self.path]
        stem, suffix = _stem_and_suffix(self.path)
        paths = [self.path.with_name(f"{stem}_part{number}{suffix}") for number in range(1, count + 1)]
        for path in paths:
            if path in self.others:
                raise DataError(
                    f"a part of it and {self.others[path]} would both become {path}; clean one after the other"
                )
        return paths

    def remove_earlier(self, written: Sequence[Path]) -> None:
        """Remove what an earlier cleaning has left of the recording and this one has not replaced."""
        for path in self.earlier:
            if path not in written:
                path.unlink(missing_ok=True)


def plan_files(
    sources: Sequence[Path], given: Sequence[Path], out: Path, *, overwrite: bool
) -> dict[Path, CleanedFile]:
    """Recording -> where it goes in ``out``, by its place in the folders that were given.

    Raises:
        DataError: two would become one file, an original would be replaced, or a file is there and not to be replaced.
    """
    owners: dict[Path, Path] = {}
    for source in sources:
        target = _target(source, given, out)
        check_path(target)
        if target in owners:
            raise DataError(f"{source} and {owners[target]} would both become {target}; clean one after the other")
        owners[target] = source
    others: dict[Path, dict[Path, Path]] = {}
    for target, source in owners.items():
        others.setdefault(_whole(target), {})[target] = source
    earlier = _earlier(owners, out)
    _check_free([path for paths in earlier.values() for path in paths], sources, overwrite=overwrite)
    return {
        source: CleanedFile(path=target, others=others.get(target, {}), earlier=tuple(earlier.get(target, ())))
        for target, source in owners.items()
    }


def _earlier(owners: Mapping[Path, Path], out: Path) -> dict[Path, list[Path]]:
    """Target -> the files that are there of it."""
    found: dict[Path, list[Path]] = {}
    for path in _files(out):
        target = path if path in owners else _whole(path)
        if target in owners:
            found.setdefault(target, []).append(path)
    return found


def _files(out: Path) -> Iterator[Path]:
    return (path for path in sorted(out.rglob("*")) if not path.is_dir()) if out.is_dir() else iter(())


def _check_free(there: Sequence[Path], sources: Sequence[Path], *, overwrite: bool) -> None:
    originals = {source.resolve() for source in sources}
    for path in there:
        if path.resolve() in originals:
            raise DataError(f"{path} is an original; choose another --out")
        if not overwrite:
            raise DataError(f"{path} is there already; add --overwrite, or choose another --out")


def _target(path: Path, given: Sequence[Path], out: Path) -> Path:
    folder = next((folder for folder in given if folder in path.parents), path.parent)
    target = out / path.relative_to(folder)
    known = find_format(path)
    if known is None or known.write is None:
        target = target.with_name(_stem_and_suffix(path)[0] + BVH.suffixes[0])
    return target


def _whole(path: Path) -> Path:
    """The file of which a file may be a part; a file that is named otherwise is whole."""
    stem, suffix = _stem_and_suffix(path)
    match = _PART.fullmatch(stem)
    return path.with_name(match[1] + suffix) if match else path


def _stem_and_suffix(path: Path) -> tuple[str, str]:
    end = len(path.name) - len(find_suffix(path) or "")
    return path.name[:end], path.name[end:]
