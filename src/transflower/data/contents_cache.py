"""What was measured of arrays, kept in a hidden folder beside them, so that only new and changed arrays are read again.

It is never needed: where it is missing, damaged or cannot be written, arrays are read.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from transflower.core.archives import check_archive
from transflower.core.array_file import Header, check_header
from transflower.core.errors import TransflowerError
from transflower.core.file_stamp import FileStamp, read_stamp
from transflower.core.files import CACHE_FOLDER, atomic_path, is_there
from transflower.core.spans import Kind
from transflower.data.statistics import Contents, Moments

log = logging.getLogger(__name__)

_VERSION = 1
_KINDS: tuple[Kind, ...] = ("continuous", "categorical")
_MOST_RANK = 3
_STAMP = len(FileStamp._fields)


class Measured(NamedTuple):
    """What was measured: the first so many rows of an array, read as values of a kind."""

    sequence_id: str
    rows: int
    kind: Kind


@dataclass(frozen=True, eq=False)
class _Entry:
    stamp: FileStamp
    header: Header
    contents: Contents


class ContentsCache:
    """The measurements of one feature, those of arrays that are still as they were."""

    def __init__(self, folder: Path, feature: str) -> None:
        self._folder = folder
        self._feature = feature
        self.path = folder / CACHE_FOLDER / f"{feature}.contents.npz"
        self._entries = self._read()
        self._is_new = False

    def headers(self) -> dict[str, Header]:
        """Headers of the arrays that were measured."""
        return {measured.sequence_id: entry.header for measured, entry in self._entries.items()}

    def get(self, measured: Measured, dim: int) -> Contents | None:
        """What the array, of ``dim`` columns, holds, if it is known."""
        entry = self._entries.get(measured)
        if entry is None or (entry.contents.moments is not None and len(entry.contents.moments.mean) != dim):
            return None
        return entry.contents

    def add(self, measured: Measured, header: Header, contents: Contents, stamp: FileStamp | None) -> None:
        """Keep what was measured of the array that had ``stamp`` before; not if it has changed meanwhile.

        Without a stamp, which is that of an array that was just written, nothing is kept.
        """
        path = self._path(measured.sequence_id)
        if stamp is None or len(header.shape) > _MOST_RANK or read_stamp(path) != stamp:
            return
        self._entries[measured] = _Entry(stamp, header, contents)
        self._is_new = True

    def write(self) -> None:
        """Write what is new, together with what another process has written meanwhile, if the folder allows it."""
        if not self._is_new:
            return
        self._entries = {**self._read(), **self._entries}
        try:
            with atomic_path(self.path) as temporary:
                np.savez(temporary, allow_pickle=False, **_to_arrays(self._entries))
        except (TransflowerError, OSError) as error:
            log.debug("what was measured is not kept: %s", error)
        self._is_new = False

    def _path(self, sequence_id: str) -> str:
        return f"{self._folder}/{sequence_id}.{self._feature}.npy"

    def _read(self) -> dict[Measured, _Entry]:
        if not is_there(self.path):
            return {}
        try:
            check_archive(self.path)
            with np.load(self.path, allow_pickle=False) as arrays:
                entries = dict(_from_arrays(self.path, arrays))
        except Exception as error:  # A damaged file can hold anything, and numpy raises many kinds of errors.
            log.debug("%s is not used: %s", self.path, error)
            return {}
        stamps = {one: read_stamp(self._path(one)) for one in {measured.sequence_id for measured in entries}}
        return {measured: entry for measured, entry in entries.items() if stamps[measured.sequence_id] == entry.stamp}


def _to_arrays(entries: Mapping[Measured, _Entry]) -> dict[str, np.ndarray]:
    """Columns of a table with one row for each entry."""
    continuous = [entry.contents.moments for entry in entries.values() if entry.contents.moments is not None]
    shapes = [entry.header.shape for entry in entries.values()]
    return {
        "version": np.array(_VERSION),
        "ids": np.frombuffer("\0".join(measured.sequence_id for measured in entries).encode(), np.uint8),
        "rows": np.array([measured.rows for measured in entries], np.int64),
        "kinds": np.array([_KINDS.index(measured.kind) for measured in entries], np.uint8),
        "stamps": np.array([entry.stamp for entry in entries.values()], np.int64).reshape(-1, _STAMP),
        "shapes": np.array([[*shape, *[-1] * (_MOST_RANK - len(shape))] for shape in shapes], np.int64),
        "dtypes": np.array([entry.header.dtype.str for entry in entries.values()]),
        "offsets": np.array([entry.header.offset for entry in entries.values()], np.int64),
        "column_major": np.array([entry.header.column_major for entry in entries.values()], bool),
        "digests": np.array([entry.contents.digest for entry in entries.values()]),
        "num_classes": np.array([entry.contents.num_classes for entry in entries.values()], np.int64),
        "counts": np.array([moments.count for moments in continuous], np.int64),
        "dims": np.array([len(moments.mean) for moments in continuous], np.int64),
        "means": np.concatenate([moments.mean for moments in continuous] or [np.zeros(0)]),
        "squares": np.concatenate([moments.squares for moments in continuous] or [np.zeros(0)]),
    }


def _from_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> Iterator[tuple[Measured, _Entry]]:
    """The entries of such a table; errors of any kind where it is none."""
    if int(arrays["version"]) != _VERSION:
        return
    ids = arrays["ids"].tobytes().decode().split("\0")
    moments = _moments(arrays)
    dtypes = {text: np.dtype(text) for text in set(arrays["dtypes"].tolist())}
    names = ("rows", "kinds", "stamps", "shapes", "dtypes", "offsets", "column_major", "digests", "num_classes")
    for one, rows, kind, stamp, shape, dtype, offset, column_major, digest, num_classes in zip(
        ids, *(arrays[name].tolist() for name in names), strict=True
    ):
        file_stamp, found = FileStamp(*stamp), _KINDS[kind]
        header = Header(
            shape=tuple(size for size in shape if size >= 0),
            dtype=dtypes[dtype],
            offset=offset,
            column_major=column_major,
            stamp=(file_stamp.size, file_stamp.modified_ns),
        )
        known = next(moments) if found == "continuous" else None
        contents = Contents(moments=known, num_classes=num_classes, digest=digest)
        check_header(path, header)
        yield Measured(one, rows, found), _Entry(file_stamp, header, contents)


def _moments(arrays: Mapping[str, Any]) -> Iterator[Moments]:
    means, squares = arrays["means"], arrays["squares"]
    if not np.isfinite(means).all() or not np.isfinite(squares).all():
        raise ValueError("moments are not finite")
    start = 0
    for count, dim in zip(arrays["counts"].tolist(), arrays["dims"].tolist(), strict=True):
        part = slice(start, start + dim)
        if dim < 0 or part.stop > len(means) or part.stop > len(squares):
            raise ValueError("moments are missing")
        yield Moments(count=count, mean=means[part], squares=squares[part])
        start = part.stop
