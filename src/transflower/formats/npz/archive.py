"""Archives of arrays (``.npz``), read with bounds: nothing is unpickled, and nothing fills the memory."""

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.errors import FormatError
from transflower.core.files import atomic_path, check_file
from transflower.core.numbers import shorten
from transflower.formats.arrays import Arrays

_MOST_MEMBERS = 1000
_SUFFIX = ".npy"
_VERSIONS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class ArrayArchive(Arrays):
    """The arrays of a file, each read when it is asked for.

    Raises:
        FormatError: the file is no archive of arrays.
    """

    def __init__(self, path: Path | str) -> None:
        super().__init__(path)
        check_file(self.path)
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = archive.infolist()
        except Exception as error:  # The reader raises many kinds of errors for a damaged directory.
            raise FormatError(self.path, "is no .npz archive, or is cut short") from error
        if len(members) > _MOST_MEMBERS:
            self.fail(f"holds {len(members)} arrays, {_MOST_MEMBERS} are the most")
        self._members = {m.filename.removesuffix(_SUFFIX): m for m in members if m.filename.endswith(_SUFFIX)}

    @property
    def names(self) -> frozenset[str]:
        """The arrays that there are."""
        return frozenset(self._members)

    def _read(self, name: str) -> np.ndarray:
        if name not in self._members:
            self.fail(f"holds no array {name}; there are: {shorten(', '.join(sorted(self.names)), length=80)}")
        member = self._members[name]
        self._take(member.file_size)
        try:
            with zipfile.ZipFile(self.path) as archive:
                content = archive.read(member)
            return self._parse(name, content)
        except FormatError:
            raise
        except Exception as error:  # zipfile and numpy raise many kinds of errors for damaged content.
            told = shorten(" ".join(str(error).split()), length=80)
            raise FormatError(self.path, f"holds a damaged array {name} ({told})") from error

    def _parse(self, name: str, content: bytes) -> np.ndarray:
        stream = io.BytesIO(content)
        version = np.lib.format.read_magic(stream)
        if version not in _VERSIONS:
            raise ValueError(f"version {version} of the format holds no plain array")
        shape, is_column_major, dtype = _VERSIONS[version](stream)
        if dtype.hasobject:
            self.fail(f"holds {name} as Python objects, which are never unpickled; save numbers")
        needed = math.prod(shape) * dtype.itemsize
        if needed > len(content) - stream.tell() or min(shape, default=0) < 0:
            raise ValueError("it is shorter than it says")
        flat = np.frombuffer(content, dtype, math.prod(shape), stream.tell()) if needed else np.zeros(0, dtype)
        return flat.reshape(shape, order="F" if is_column_major else "C")


def write_archive(path: Path | str, arrays: Mapping[str, Any]) -> None:
    """Write arrays, compressed, whole or not at all; the same arrays give the same bytes."""
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), allow_pickle=False)
            # Not the time of writing, which zip files hold otherwise.
            archive.writestr(_dated(name + _SUFFIX), content.getvalue())


def _dated(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
