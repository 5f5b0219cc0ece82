"""A folder of recordings: arrays ``ID.FEATURE.npy``, lists ``base_filenames_SPLIT.txt``, sidecars ``FEATURE.json``.

This is the layout of the 2021 system; nothing in it is ever changed by reading.
"""

import mmap
import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_name, read_json

_MAX_OPEN = 4096
_LIST_PREFIX = "base_filenames_"
_USUAL_SPLITS = ("train", "val", "test")


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a ``.npy`` file says about its array, and where the numbers begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    column_major: bool


class Store:
    """Reads one folder; arrays are mapped, so opening costs neither time nor memory.

    Raises:
        DataError: the folder does not exist, or is closed to us.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise DataError(f"{self.folder} is not a folder; give one that holds ID.FEATURE.npy files")
        if not os.access(self.folder, os.R_OK | os.X_OK):
            raise DataError(f"{self.folder} may not be read; change its permissions")
        self._max_open = _max_open()
        self._headers: dict[tuple[str, str], Header] = {}
        self._arrays: OrderedDict[tuple[str, str], np.ndarray] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_arrays": OrderedDict()}  # A worker maps files itself instead of copying them.

    def path(self, sequence_id: str, feature: str) -> Path:
        """File of one array.

        Raises:
            DataError: a name that could leave the folder.
        """
        check_name(sequence_id)
        return self.folder / f"{sequence_id}.{check_name(feature, what='feature name')}.npy"

    def list_path(self, split: str) -> Path:
        """File that lists the ids of a split."""
        return self.folder / f"{_LIST_PREFIX}{check_name(split, what='split name')}.txt"

    def splits(self) -> list[str]:
        """Names of the splits that have a list: the usual ones first."""
        names = {path.stem.removeprefix(_LIST_PREFIX) for path in self.folder.glob(f"{_LIST_PREFIX}*.txt")}
        return [*(name for name in _USUAL_SPLITS if name in names), *sorted(names.difference(_USUAL_SPLITS))]

    def lines(self, split: str) -> list[tuple[int, str]]:
        """Line number and id of every line that is not blank, as they stand in the list.

        Raises:
            FormatError: the list is missing, not text, or empty.
        """
        path = self.list_path(split)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise FormatError(path, "is missing; make it with `transflower data split`") from error
        except OSError as error:
            raise FormatError(path, f"cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise FormatError(path, "is not UTF-8 text") from error
        lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if not lines:
            raise FormatError(path, "lists no sequence; write one id a line")
        return lines

    def ids(self, split: str) -> list[str]:
        """Ids of a split in the order of its list, each once.

        Raises:
            FormatError: the list cannot be read, or an id in it could leave the folder.
        """
        lines = self.lines(split)
        for number, sequence_id in lines:
            try:
                check_name(sequence_id)
            except DataError as error:
                raise FormatError(self.list_path(split), str(error), line=number) from error
        return list(dict.fromkeys(sequence_id for _, sequence_id in lines))

    def sidecar(self, feature: str) -> dict[str, Any] | None:
        """Description that was written beside an extracted feature, or None.

        Raises:
            FormatError: it is not a JSON object.
        """
        path = self.folder / f"{check_name(feature, what='feature name')}.json"
        if not path.exists():
            return None
        sidecar = read_json(path)
        if not isinstance(sidecar, dict):
            raise FormatError(path, "must hold a JSON object that describes the feature")
        return sidecar

    def contents(self) -> dict[str, list[str]]:
        """Every feature in the folder and the ids that have it, by file name.

        Ids and features may both hold dots. The name is cut before a feature with a sidecar, else behind an id that has
        such a feature or that a list names, else at its first dot.
        """
        features_known = {path.stem for path in self.folder.glob("*.json")}
        ids_known = {sequence_id for split in self.splits() for sequence_id in self._ids_or_none(split)}
        files = [list(_cuts(path.name.removesuffix(".npy"))) for path in sorted(self.folder.glob("*.npy"))]
        ids_known |= {one for cuts in files for one, feature in cuts if feature in features_known}
        found: dict[str, list[str]] = {}
        for cuts in files:
            cut = next((c for c in cuts if c[1] in features_known), None)
            cut = cut or next((c for c in reversed(cuts) if c[0] in ids_known), None) or next(iter(cuts), None)
            if cut is not None:
                found.setdefault(cut[1], []).append(cut[0])
        return dict(sorted(found.items()))

    def features(self) -> list[str]:
        """Features to use when none are named: those with a sidecar, or all if there are none."""
        found = list(self.contents())
        return [feature for feature in found if (self.folder / f"{feature}.json").exists()] or found

    def header(self, sequence_id: str, feature: str) -> Header:
        """Shape and type of an array.

        Raises:
            FormatError: the file is missing, truncated, or not an array of real numbers; nothing is ever unpickled.
        """
        key = sequence_id, feature
        if key not in self._headers:
            self._headers[key] = _read_header(self.path(sequence_id, feature))
        return self._headers[key]

    def open(self, sequence_id: str, feature: str) -> np.ndarray:
        """The array, mapped read-only, as it is on disk.

        Raises:
            FormatError: as ``header``.
        """
        key = sequence_id, feature
        array = self._arrays.get(key)
        if array is None:
            array = _map(self.path(sequence_id, feature), self.header(sequence_id, feature))
            if len(self._arrays) >= self._max_open:
                self._arrays.popitem(last=False)
            self._arrays[key] = array
        else:
            self._arrays.move_to_end(key)
        return array

    def _ids_or_none(self, split: str) -> list[str]:
        try:
            return [sequence_id for _, sequence_id in self.lines(split)]
        except FormatError:
            return []


def open_array(path: Path | str) -> np.ndarray:
    """An array outside any folder of recordings, mapped read-only.

    Raises:
        FormatError: the file is missing, truncated, or not an array of real numbers; nothing is ever unpickled.
    """
    return _map(Path(path), _read_header(Path(path)))


def _cuts(stem: str) -> Iterator[tuple[str, str]]:
    """Every way to read a file name as id and feature, the shortest id first."""
    parts = stem.split(".")
    for count in range(1, len(parts)):
        sequence_id, feature = ".".join(parts[:count]), ".".join(parts[count:])
        if sequence_id and feature:
            yield sequence_id, feature


def _max_open() -> int:
    """Mappings to keep: each holds a file descriptor, of which a process may have so many, and we take a quarter."""
    try:
        import resource  # Only where there is such a limit.
    except ImportError:
        return _MAX_OPEN
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MAX_OPEN if limit == resource.RLIM_INFINITY else max(1, min(_MAX_OPEN, limit // 4))


def _read_header(path: Path) -> Header:
    try:
        with np.errstate(over="ignore"):
            array = np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError as error:
        raise FormatError(path, "is missing; extract the feature, or take the id off the list") from error
    except IsADirectoryError as error:
        raise FormatError(path, "is a folder, not an array") from error
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror or error})") from error
    except Exception as error:  # A damaged header makes numpy raise whatever its parser stumbles over.
        if "Python objects" in str(error):
            raise FormatError(path, "holds Python objects, which are never unpickled; save numbers") from error
        raise FormatError(path, f"is not a whole .npy array ({_one_line(error)})") from error
    if array.dtype.kind not in "fiub":
        raise FormatError(path, f"holds values of type {array.dtype}; save real or whole numbers")
    column_major = array.flags.f_contiguous and not array.flags.c_contiguous
    return Header(shape=array.shape, dtype=array.dtype, offset=array.offset, column_major=column_major)


def _map(path: Path, header: Header) -> np.ndarray:
    """A read-only array over the file, without the overhead of ``np.memmap``."""
    order: Literal["F", "C"] = "F" if header.column_major else "C"
    try:
        with path.open("rb") as file:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.ndarray(header.shape, header.dtype, mapping, header.offset, order=order)
    except (OSError, ValueError, TypeError) as error:
        raise FormatError(path, f"has changed since it was checked ({_one_line(error)})") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
