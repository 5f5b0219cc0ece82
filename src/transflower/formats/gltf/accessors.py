"""The arrays of a glTF file: all component types, normalised, with strides, sparse.

Shape letters: N elements, C numbers of an element, V bytes of an element.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.numbers import LARGEST
from transflower.formats.gltf.document import GltfFile

COMPONENTS: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
"""Component type -> how its numbers are stored."""
SHAPES: dict[str, tuple[int, int]] = {
    "SCALAR": (1, 1),
    "VEC2": (1, 2),
    "VEC3": (1, 3),
    "VEC4": (1, 4),
    "MAT2": (2, 2),
    "MAT3": (3, 3),
    "MAT4": (4, 4),
}
"""Type -> columns and rows; the columns of a matrix lie one after the other."""

_MOST_NUMBERS = 2**26
"""Numbers that are read of one file: several accessors may show the same bytes."""
_MOST_ZEROS = 2**20
"""Numbers of an accessor without a buffer, which has as many zeros as it says."""


class AccessorReader:
    """Reads the accessors of one file, each once."""

    def __init__(self, file: GltfFile) -> None:
        self.file = file
        self._numbers_left = _MOST_NUMBERS
        self._read: dict[int, np.ndarray] = {}

    def read(self, index: object, type_: str, where: str) -> Float[np.ndarray, "N C"]:
        """The numbers of an accessor; whole numbers that are normalised become those from -1 or 0 to 1.

        Args:
            index: its index, which was found at ``where``.
            type_: the type that it must have, as ``VEC3``.
            where: for messages.

        Raises:
            FormatError: there is no such accessor, or it is of another type or lies outside its buffer, or a number
                of it is not finite, or larger than any that is meant.
        """
        entry = self.file.entry("accessors", index, where)
        raw = self.read_raw(index, type_, where)
        with np.errstate(invalid="ignore"):  # numpy warns of some kinds of NaN, which are refused below
            values = raw.astype(float)
        if entry.get("normalized") is True and raw.dtype.kind != "f":
            values = np.maximum(values / np.iinfo(raw.dtype).max, -1.0)
        is_meant = np.abs(values) <= LARGEST  # false for NaN
        if not is_meant.all():
            element = int(np.nonzero(~is_meant.all(axis=1))[0][0])
            self.file.fail(f"accessors[{index}], for {where}, is not finite, or huge, in element {element}")
        return values

    def read_raw(self, index: object, type_: str, where: str) -> np.ndarray:
        """The numbers of an accessor as they are stored, ``[N, C]``.

        Raises:
            FormatError: as ``read``, but for numbers that are not finite.
        """
        entry = self.file.entry("accessors", index, where)
        assert isinstance(index, int)
        found = entry.get("type")
        if found != type_:
            self.file.fail(f"accessors[{index}], for {where}, has the type {found!r}, {type_} is needed")
        if index not in self._read:
            self._read[index] = self._read_entry(entry, f"accessors[{index}]", type_)
        return self._read[index]

    def _read_entry(self, entry: Mapping[str, Any], name: str, type_: str) -> np.ndarray:
        count, dtype = self.file.count(entry, "count", name), self._dtype(entry, name)
        columns, rows = SHAPES[type_]
        self._numbers_left -= count * columns * rows
        if self._numbers_left < 0 or ("bufferView" not in entry and count * columns * rows > _MOST_ZEROS):
            self.file.fail(f"{name} has {count} elements, which is more than any recording has")
        if "bufferView" in entry:
            values = self._elements(entry, name, count, dtype, (columns, rows))
        else:
            values = np.zeros((count, columns * rows), dtype)
        if "sparse" in entry:
            values = self._with_sparse(entry["sparse"], f"{name}.sparse", values.copy(), dtype, (columns, rows))
        return values

    def _dtype(self, entry: Mapping[str, Any], name: str) -> np.dtype[Any]:
        component = entry.get("componentType")
        if type(component) is not int or component not in COMPONENTS:
            self.file.fail(f"{name} has the componentType {component!r}, which there is not")
        return COMPONENTS[component]

    def _elements(
        self, entry: Mapping[str, Any], name: str, count: int, dtype: np.dtype[Any], shape: tuple[int, int]
    ) -> np.ndarray:
        view, stride = self.file.view(entry.get("bufferView"), name)
        start = self.file.count(entry, "byteOffset", name, default=0)
        columns, rows = shape
        # Each column of a matrix begins at a multiple of 4 bytes.
        column_bytes = rows * dtype.itemsize
        column_stride = column_bytes if columns == 1 else -(-column_bytes // 4) * 4
        size = (columns - 1) * column_stride + column_bytes
        stride = stride or columns * column_stride
        end = start + (count - 1) * stride + size if count else start
        if stride < size or end > len(view):
            self.file.fail(f"{name} needs {end} bytes of a buffer view of {len(view)}")
        if count == 0:
            return np.zeros((0, columns * rows), dtype)
        raw = np.frombuffer(view[start:end], np.uint8)
        elements = np.lib.stride_tricks.as_strided(
            raw, (count, columns, column_bytes), (stride, column_stride, 1), writeable=False
        )
        return np.ascontiguousarray(elements).view(dtype).reshape(count, columns * rows)

    def _with_sparse(
        self, sparse: Any, name: str, values: np.ndarray, dtype: np.dtype[Any], shape: tuple[int, int]
    ) -> np.ndarray:
        given = [sparse.get(key) for key in ("indices", "values")] if isinstance(sparse, dict) else []
        parts: list[dict[str, Any]] = [part for part in given if isinstance(part, dict)]
        if len(parts) < 2:
            self.file.fail(f"{name} has no indices or no values")
        count = self.file.count(sparse, "count", name)
        if count > len(values):
            self.file.fail(f"{name} replaces {count} of {len(values)} elements")
        index_type = self._dtype(parts[0], f"{name}.indices")
        places = self._elements(parts[0], f"{name}.indices", count, index_type, (1, 1))[:, 0]
        if index_type.kind != "u" or (count and places.max() >= len(values)):
            self.file.fail(f"{name} replaces an element that there is not")
        values[places] = self._elements(parts[1], f"{name}.values", count, dtype, shape)
        return values
