"""A ``.npy`` file whose rows are read when they are asked for.

It is not mapped into memory: a mapped file that another process cuts short kills the process that reads it. A read that
comes back short is an error that names the file.

Shape letters: T rows, D columns.
"""

import io
import math
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.errors import FormatError
from transflower.core.files import check_file, is_there

_MAX_HEADER = 65536
"""Bytes in which the header must end."""
_MAX_COLUMNS = 2**20
_MOST_BYTES = 10**18
"""Of which a message tells."""
_CHUNK_ROWS = 1024
"""Of which several copies fit into the cache of a core: a third to two thirds less time than with 8192."""
_CHUNK_BYTES = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a ``.npy`` file says about its array, and where the numbers begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    column_major: bool
    stamp: tuple[int, int]
    """Size of the file, and when it was last written."""


class ArrayFile:
    """One array, open for reading until it is forgotten.

    Raises:
        FormatError: the file is missing, truncated, or not an array of real numbers; nothing is ever unpickled. Or it
            is not the one that ``header`` was read from.
    """

    def __init__(self, path: Path | str, header: Header | None = None) -> None:
        self.path = Path(path)
        self.header = read_header(self.path) if header is None else header
        try:
            self._file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise FormatError(self.path, f"cannot be read any more ({error.strerror})") from error
        if _stamp(os.fstat(self._file)) != self.header.stamp:
            raise _changed(self.path)
        self.shape = self.header.shape
        """As the header says."""
        self._row_bytes = math.prod(self.shape[1:]) * self.header.dtype.itemsize

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def read(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows ``start`` to ``stop``, as they are on disk.

        Raises:
            FormatError: the file has become shorter.
        """
        if start == 0 and stop is None:
            return self._whole()
        stop = len(self) if stop is None else min(stop, len(self))
        rows = np.empty((max(0, stop - start), *self.shape[1:]), self.header.dtype)
        self.read_into(rows, start)
        return rows

    def read_into(self, rows: np.ndarray, start: int) -> None:
        """Fill ``rows`` with those from ``start`` on; all of them exist.

        Raises:
            FormatError: as ``read``.
        """
        header = self.header
        if header.column_major:
            self._read_columns(rows, start)
        elif rows.dtype == header.dtype and rows.flags.c_contiguous:
            self._fill(rows, header.offset + start * self._row_bytes)
        else:
            rows[:] = self.read(start, start + len(rows))

    def chunks(self, stop: int | None = None) -> Iterator[np.ndarray]:
        """All rows before ``stop`` in order, a few thousand at a time.

        Raises:
            FormatError: as ``read``.
        """
        stop = len(self) if stop is None else min(stop, len(self))
        step = max(1, min(_CHUNK_ROWS, _CHUNK_BYTES // max(1, self._row_bytes)))
        for start in range(0, stop, step):
            yield self.read(start, min(start + step, stop))

    def _whole(self) -> np.ndarray:
        array = np.empty(self.shape, self.header.dtype, order="F" if self.header.column_major else "C")
        self._fill(array.T if self.header.column_major else array, self.header.offset)
        return array

    def _read_columns(self, rows: np.ndarray, start: int) -> None:
        """Column by column, each of which lies in one piece."""
        columns = rows.reshape(len(rows), -1, order="F")
        part = np.empty(len(rows), self.header.dtype)
        for index in range(columns.shape[1]):
            self._fill(part, self.header.offset + (index * len(self) + start) * self.header.dtype.itemsize)
            columns[:, index] = part
        rows[:] = columns.reshape(rows.shape, order="F")

    def _fill(self, out: np.ndarray, offset: int) -> None:
        try:
            count, wanted = os.preadv(self._file, [out.data], offset), out.nbytes
            if 0 < count < wanted:  # One call reads 2 GiB at most.
                count = _read_on(self._file, out.data.cast("B"), offset, count)
        except OSError as error:
            raise FormatError(self.path, f"cannot be read any more ({error.strerror})") from error
        if count < wanted:
            raise _changed(self.path)


def read_header(path: Path) -> Header:
    """Shape and type of an array.

    Raises:
        FormatError: the file is missing, truncated, or not an array of real numbers.
    """
    if not is_there(path):
        raise FormatError(path, "is missing; extract the feature, or take the id off the list")
    check_file(path)
    try:
        with path.open("rb") as file:
            stamp, head = _stamp(os.fstat(file.fileno())), io.BytesIO(file.read(_MAX_HEADER))
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error
    try:
        with warnings.catch_warnings():
            # numpy warns of headers as Python 2 wrote them, which it reads all the same.
            warnings.simplefilter("ignore", UserWarning)
            shape, column_major, dtype = _parse(head)
    except Exception as error:  # numpy raises many kinds of errors for a damaged header.
        raise FormatError(path, f"is not a whole .npy array ({_one_line(error)})") from error
    header = Header(shape=shape, dtype=dtype, offset=head.tell(), column_major=column_major, stamp=stamp)
    check_header(path, header)
    return header


def check_header(path: Path, header: Header) -> None:
    """Refuse a header of which no numbers can be read.

    Raises:
        FormatError: saying why.
    """
    if header.dtype.hasobject:
        raise FormatError(path, "holds Python objects, which are never unpickled; save numbers")
    if header.dtype.kind not in "fiub":
        raise FormatError(path, f"holds values of type {header.dtype}; save real or whole numbers")
    # In Python's own integers: a header may announce more than 64 bits can count.
    needed = header.offset + math.prod(header.shape) * header.dtype.itemsize
    if needed > header.stamp[0]:
        raise FormatError(
            path,
            f"is not a whole .npy array (it has {header.stamp[0]} bytes, its header announces "
            f"{min(needed, _MOST_BYTES):.6g})",
        )
    if (columns := math.prod(header.shape[1:])) > _MAX_COLUMNS:
        raise FormatError(path, f"has rows of {columns} numbers, {_MAX_COLUMNS} are the most; is its shape right?")


def check_same(path: Path | str, header: Header) -> None:
    """Look whether the file that ``header`` was read from is still there and as it was.

    Raises:
        FormatError: it is not.
    """
    try:
        is_same = _stamp(os.stat(path)) == header.stamp  # noqa: PTH116 - of thousands of files before each pass
    except OSError:
        is_same = False
    if not is_same:
        raise _changed(path)


def _parse(head: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    version = np.lib.format.read_magic(head)
    if version not in readers:  # Only names of columns ask for others.
        raise ValueError(f"version {version[0]}.{version[1]} of the format holds no plain array")
    shape, column_major, dtype = readers[version](head)
    if any(type(size) is not int or size < 0 for size in shape):
        raise ValueError("its shape holds something else than counts")
    return shape, column_major and len(shape) > 1, dtype


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _read_on(file: int, out: memoryview, offset: int, count: int) -> int:
    while count < len(out) and (more := os.preadv(file, [out[count:]], offset + count)):
        count += more
    return count


def _changed(path: Path | str) -> FormatError:
    return FormatError(path, "has changed since it was checked; bring it back, or start again with what is there now")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
