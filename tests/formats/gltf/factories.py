"""Small glTF files, made by hand."""

import json
import struct
from pathlib import Path

from transflower.formats.gltf.container import parse_gltf
from transflower.formats.gltf.document import GltfFile

PATH = Path("some.glb")


def glb(document, binary=None, *, version=2, length=None, others=()):
    """A GLB file as bytes; ``document`` may be bytes that are no JSON."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    chunks = [(b"JSON", text + b" " * (-len(text) % 4))]
    if binary is not None:
        chunks.append((b"BIN\0", binary))
    body = b"".join(struct.pack("<I", len(content)) + kind + content for kind, content in (*chunks, *others))
    return struct.pack("<4sII", b"glTF", version, 12 + len(body) if length is None else length) + body


def gltf(document, binary=None) -> GltfFile:
    return parse_gltf(PATH, glb({"asset": {"version": "2.0"}, **document}, binary))


def one_accessor(binary, view=None, **accessor) -> GltfFile:
    """A file with one accessor over one view of all bytes."""
    return gltf(
        {
            "buffers": [{"byteLength": len(binary)}],
            "bufferViews": [{"buffer": 0, "byteLength": len(binary), **(view or {})}],
            "accessors": [{"bufferView": 0, "componentType": 5126, "type": "SCALAR", **accessor}],
        },
        binary,
    )
