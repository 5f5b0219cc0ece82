"""A glTF file as it was read: its JSON, its binary part, and checked access to both."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from transflower.core.errors import FormatError
from transflower.core.numbers import LARGEST, shorten

_LARGEST_COUNT = 2**32
_MOST_ENTRIES = 200_000
"""Nodes, accessors, ... of one file."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GltfFile:
    """The JSON of a glTF file and the bytes that it points to. Nothing of either is changed."""

    path: Path
    """Where it was read from, for messages."""
    document: Mapping[str, Any]
    """Its JSON."""
    binary: bytes | None = None
    """The binary chunk of a GLB file."""
    other_chunks: tuple[tuple[int, bytes], ...] = ()
    """Chunks of a GLB file that no standard knows, as type and content."""
    load: Callable[[str], bytes] | None = None
    """Reads what an address in the JSON names; raises FormatError."""
    _buffers: dict[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def num_bytes(self) -> int:
        """Of all its buffers as far as they were read."""
        return sum(len(content) for content in self._buffers.values())

    def fail(self, message: str) -> NoReturn:
        """Raise a FormatError that names the file."""
        raise FormatError(self.path, message)

    def entries(self, collection: str) -> list[dict[str, Any]]:
        """A list of objects of the JSON, as ``nodes``; empty where there is none.

        Raises:
            FormatError: it is something else.
        """
        return self._collections.get(collection) or self._read_collection(collection)

    def entry(self, collection: str, index: object, where: str) -> dict[str, Any]:
        """The entry that ``index``, found at ``where``, points to.

        Raises:
            FormatError: there is none.
        """
        entries = self.entries(collection)
        if type(index) is not int or not 0 <= index < len(entries):
            self.fail(f"{where} points to {collection}[{_shown(index)}], there are {len(entries)}")
        return entries[index]

    def count(self, entry: Mapping[str, Any], key: str, where: str, *, default: int | None = None) -> int:
        """A whole number that is not negative.

        Raises:
            FormatError: it is something else, or missing without a default.
        """
        value = entry.get(key, default)
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not 0 <= value < _LARGEST_COUNT:
            self.fail(f"{where} has {key} {_shown(value)}, which is no count")
        return value

    def numbers(self, entry: Mapping[str, Any], key: str, where: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """As many numbers as ``default`` has, which stands where the key is missing.

        Raises:
            FormatError: they are something else, not finite, or larger than any that is meant.
        """
        values = entry.get(key)
        if values is None:
            return default
        if not isinstance(values, list) or len(values) != len(default) or not all(map(_is_number, values)):
            self.fail(f"{where} has {key} {_shown(values)}, {len(default)} numbers are needed")
        return tuple(map(float, values))

    def name(self, entry: Mapping[str, Any], default: str) -> str:
        """The name of an entry, without what no text file may hold."""
        name = entry.get("name")
        if not isinstance(name, str) or not name.strip():
            return default
        return " ".join(name.encode(errors="replace").decode().split())

    def extension(self, name: str) -> dict[str, Any] | None:
        """What the file says in an extension of the whole file; None where it has none.

        Raises:
            FormatError: it is no object.
        """
        extensions = self.document.get("extensions", {})
        found = extensions.get(name) if isinstance(extensions, dict) else None
        if found is not None and not isinstance(found, dict):
            self.fail(f"its extension {name} is no object")
        return found

    def buffer(self, index: object, where: str) -> bytes:
        """The bytes of a buffer.

        Raises:
            FormatError: it cannot be read, or is shorter than its JSON says.
        """
        entry = self.entry("buffers", index, where)
        assert isinstance(index, int)
        if index not in self._buffers:
            self._buffers[index] = self._read_buffer(entry, f"buffers[{index}]", is_first=index == 0)
        return self._buffers[index]

    def view(self, index: object, where: str) -> tuple[memoryview, int | None]:
        """The bytes of a buffer view, and its stride where it has one.

        Raises:
            FormatError: it does not lie within its buffer.
        """
        entry, name = self.entry("bufferViews", index, where), f"bufferViews[{index}]"
        extensions = entry.get("extensions")
        if isinstance(extensions, dict) and "EXT_meshopt_compression" in extensions:
            self.fail("is compressed by EXT_meshopt_compression, which is not read; export it without compression")
        buffer = self.buffer(entry.get("buffer"), name)
        start, length = self.count(entry, "byteOffset", name, default=0), self.count(entry, "byteLength", name)
        if start + length > len(buffer):
            self.fail(f"{name} ends at byte {start + length} of a buffer of {len(buffer)}")
        stride = self.count(entry, "byteStride", name) if "byteStride" in entry else None
        return memoryview(buffer)[start : start + length], stride

    @cached_property
    def _collections(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    def _read_collection(self, collection: str) -> list[dict[str, Any]]:
        entries = self.document.get(collection, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fail(f"its {collection} are no list of objects")
        if len(entries) > _MOST_ENTRIES:
            self.fail(f"has {len(entries)} {collection}, {_MOST_ENTRIES} are the most")
        self._collections[collection] = entries
        return entries

    def _read_buffer(self, entry: Mapping[str, Any], name: str, *, is_first: bool) -> bytes:
        uri, length = entry.get("uri"), self.count(entry, "byteLength", name)
        if uri is None:
            if not is_first or self.binary is None:
                self.fail(f"{name} has no uri, and the file has no binary chunk for it")
            content = self.binary
        elif isinstance(uri, str) and self.load is not None:
            content = self.load(uri)
        else:
            self.fail(f"{name} has the uri {_shown(uri)}, which is no address")
        if len(content) < length:
            self.fail(f"is cut short: {name} has {length} bytes, {len(content)} are there")
        return content


def _is_number(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value) and abs(value) <= LARGEST  # type: ignore[arg-type]


def _shown(value: object) -> str:
    return shorten(json.dumps(value))
