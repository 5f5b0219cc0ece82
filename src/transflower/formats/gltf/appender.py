"""Adding to a glTF file, or to an empty one, without changing what is there.

Shape letters: N elements, C numbers of an element.
"""

import base64
import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from transflower.formats.gltf.accessors import COMPONENTS
from transflower.formats.gltf.container import to_glb
from transflower.formats.gltf.document import GltfFile

_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_COMPONENT_OF = {dtype.str: component for component, dtype in COMPONENTS.items()}
_ALIGNMENT = 4


def empty_gltf(generator: str) -> GltfFile:
    """A file with nothing in it."""
    return GltfFile(path=Path("new.glb"), document={"asset": {"version": "2.0", "generator": generator}})


class GltfAppender:
    """Collects what is added to a file.

    Entries of the JSON are only ever put behind those that are there, and bytes behind those of the binary part. Of
    what is there, only the length of the first buffer changes. Where the first buffer is not the binary part of the
    file, new bytes are written as a buffer of their own.
    """

    def __init__(self, file: GltfFile) -> None:
        self.file = file
        self.document: dict[str, Any] = copy.deepcopy(dict(file.document))
        """The JSON so far; what is there is not to be changed."""
        buffers = file.entries("buffers")
        self._extends = not buffers or (file.binary is not None and "uri" not in buffers[0])
        self._old = (file.binary or b"") if self._extends else b""
        self._data = bytearray()
        self._buffer = 0 if self._extends else len(buffers)

    def entries(self, collection: str) -> list[dict[str, Any]]:
        """A list of the JSON, as ``nodes``, made where there is none."""
        entries: list[dict[str, Any]] = self.document.setdefault(collection, [])
        return entries

    def add(self, collection: str, entry: dict[str, Any]) -> int:
        """Put an entry behind those of ``collection``; gives its index."""
        entries = self.entries(collection)
        entries.append(entry)
        return len(entries) - 1

    def use_extension(self, name: str, content: dict[str, Any] | None = None) -> None:
        """Say that the file uses an extension, with what it says of the whole file, if anything."""
        used: list[str] = self.document.setdefault("extensionsUsed", [])
        if name not in used:
            used.append(name)
        if content is not None:
            self.document.setdefault("extensions", {})[name] = content

    def add_view(self, content: bytes, *, target: int | None = None) -> int:
        """Put bytes into a buffer view of their own; gives its index."""
        self._data += bytes(-(len(self._old) + len(self._data)) % _ALIGNMENT)
        start = len(self._old) + len(self._data)
        self._data += content
        view = {"buffer": self._buffer, "byteOffset": start, "byteLength": len(content)}
        return self.add("bufferViews", view if target is None else {**view, "target": target})

    def add_accessor(
        self,
        array: np.ndarray,
        *,
        normalized: bool = False,
        bounds: bool = False,
        view: tuple[int, int] | None = None,
        target: int | None = None,
    ) -> int:
        """Put an array ``[N]`` or ``[N, C]`` into an accessor; gives its index.

        Args:
            array: float32, or whole numbers of 8 or 16 bits or unsigned of 32.
            normalized: whether whole numbers stand for those from -1 or 0 to 1.
            bounds: whether it says its least and largest numbers.
            view: a buffer view that holds the array already, and the byte at which it begins.
            target: what the buffer view is for, as GPUs name it.
        """
        rows = np.ascontiguousarray(array).reshape(len(array), -1)
        index, start = view or (self.add_view(rows.tobytes(), target=target), 0)
        entry: dict[str, Any] = {"bufferView": index, "componentType": _COMPONENT_OF[rows.dtype.newbyteorder("<").str]}
        if start:
            entry["byteOffset"] = start
        entry |= {"count": len(rows), "type": _TYPES[rows.shape[1]]}
        if normalized:
            entry["normalized"] = True
        if bounds:
            entry |= {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
        return self.add("accessors", entry)

    def finish(self) -> GltfFile:
        """The file with everything that was added."""
        document, binary = copy.deepcopy(self.document), self.file.binary
        if not self._data:
            return replace(self.file, document=document)
        buffers = document.setdefault("buffers", [])
        if not self._extends:
            address = "data:application/octet-stream;base64," + base64.b64encode(self._data).decode()
            buffers.append({"byteLength": len(self._data), "uri": address})
        else:
            binary = self._old + bytes(self._data)
            buffers[:1] = [{**(buffers[0] if buffers else {}), "byteLength": len(binary)}]
        return replace(self.file, document=document, binary=binary, _buffers={})

    def to_glb(self) -> bytes:
        """The bytes of a GLB file with everything that was added."""
        return to_glb(self.finish())
