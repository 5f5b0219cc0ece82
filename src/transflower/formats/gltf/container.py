"""GLB files, and glTF files with what lies beside them: their JSON and binary parts, read with bounds and written."""

import base64
import binascii
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

from transflower.core.errors import FormatError
from transflower.core.files import read_bytes
from transflower.core.numbers import shorten
from transflower.formats.gltf.document import GltfFile

MAGIC = b"glTF"
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<II")
_KINDS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".ktx2": "image/ktx2",
}
"""Suffix of a file -> kind of its contents."""
_LARGEST = 2**30
"""Bytes of a file."""
_LARGEST_JSON = 2**27
_MOST_CHUNKS = 100


def read_gltf(path: Path | str) -> GltfFile:
    """Read a GLB, VRM, VRMA or glTF file; its contents say which it is.

    Raises:
        FormatError: it is none, or broken.
    """
    path = Path(path)
    content = read_bytes(path, limit=_LARGEST)
    return parse_gltf(path, content)


def parse_gltf(path: Path, content: bytes) -> GltfFile:
    """``read_gltf`` of bytes that are there already; ``path`` is for messages, and where other files lie beside.

    Raises:
        FormatError: as ``read_gltf``.
    """
    if not content:
        raise FormatError(path, "is empty")
    load = partial(_load, path)
    if content[:4] == MAGIC:
        json_chunk, binary, others = _split(path, content)
        document = _parse_json(path, json_chunk)
        return GltfFile(path=path, document=document, binary=binary, other_chunks=others, load=load)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        raise FormatError(path, "is no glTF file: it begins neither with 'glTF' nor with '{'")
    return GltfFile(path=path, document=_parse_json(path, content), load=load)


def to_glb(file: GltfFile) -> bytes:
    """The bytes of a GLB file: its JSON, then its binary part as it is."""
    chunks = [(_JSON, _pad(_to_json(file.document), b" "))]
    if file.binary is not None:
        chunks.append((_BIN, _pad(file.binary, b"\0")))
    chunks += [(kind, _pad(content, b"\0")) for kind, content in file.other_chunks]
    body = b"".join(_CHUNK.pack(len(content), kind) + content for kind, content in chunks)
    return _HEADER.pack(MAGIC, 2, _HEADER.size + len(body)) + body


def embed_files(file: GltfFile) -> GltfFile:
    """The same file with all files beside it, buffers and images, in its JSON.

    Raises:
        FormatError: one of them cannot be read.
    """
    document = dict(file.document)
    for collection in ("buffers", "images"):
        if collection in document:
            document[collection] = [_embedded(file, entry) for entry in file.entries(collection)]
    return replace(file, document=document, _buffers={})


def _embedded(file: GltfFile, entry: dict[str, Any]) -> dict[str, Any]:
    uri = entry.get("uri")
    if not isinstance(uri, str) or uri.startswith("data:") or file.load is None:
        return entry
    kind = entry.get("mimeType") or _KINDS.get(Path(unquote(uri)).suffix.lower(), "application/octet-stream")
    return {**entry, "uri": f"data:{kind};base64,{base64.b64encode(file.load(uri)).decode()}"}


def _split(path: Path, content: bytes) -> tuple[bytes, bytes | None, tuple[tuple[int, bytes], ...]]:
    """JSON, binary part and other chunks of a GLB file."""
    if len(content) < _HEADER.size + _CHUNK.size:
        raise FormatError(path, f"is cut short: {len(content)} bytes are no GLB file")
    _, version, length = _HEADER.unpack_from(content)
    if version != 2:
        raise FormatError(path, f"is a GLB file of version {version}; export it as glTF 2.0")
    if length > len(content):
        raise FormatError(path, f"is cut short: its header announces {length} bytes, {len(content)} are there")
    chunks = _read_chunks(path, content[:length])
    if not chunks or chunks[0][0] != _JSON:
        raise FormatError(path, "has no JSON chunk at its beginning")
    has_binary = len(chunks) > 1 and chunks[1][0] == _BIN
    return chunks[0][1], chunks[1][1] if has_binary else None, tuple(chunks[1 + has_binary :])


def _read_chunks(path: Path, content: bytes) -> list[tuple[int, bytes]]:
    chunks: list[tuple[int, bytes]] = []
    place = _HEADER.size
    while place + _CHUNK.size <= len(content):
        length, kind = _CHUNK.unpack_from(content, place)
        place += _CHUNK.size
        if place + length > len(content):
            there = len(content) - place
            raise FormatError(path, f"is cut short: chunk {len(chunks)} has {length} bytes, {there} are there")
        if len(chunks) == _MOST_CHUNKS:
            raise FormatError(path, f"has more than {_MOST_CHUNKS} chunks")
        chunks.append((kind, content[place : place + length]))
        place += length
    return chunks


def _parse_json(path: Path, content: bytes) -> dict[str, Any]:
    if len(content) > _LARGEST_JSON:
        raise FormatError(path, f"has a JSON part of {len(content) / 2**20:.3g} MB, which no such file has")
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise FormatError(path, "has a JSON part that is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise FormatError(path, f"has a damaged JSON part: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise FormatError(path, "has a JSON part that is nested too deeply") from error
    except ValueError as error:  # also Python's own, for whole numbers of thousands of digits
        raise FormatError(path, f"has a damaged JSON part: {shorten(str(error), length=80)}") from error
    _check_version(path, document)
    return document


def _check_version(path: Path, document: Any) -> None:
    asset = document.get("asset") if isinstance(document, dict) else None
    version = asset.get("version") if isinstance(asset, dict) else None
    if not isinstance(version, str):
        raise FormatError(path, "is no glTF file: its JSON has no asset with a version")
    if not version.startswith("2."):
        raise FormatError(path, f"is glTF of version {shorten(version)}; export it as glTF 2.0")


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{shorten(text)} is too large")
    return number


def _load(path: Path, uri: str) -> bytes:
    """What an address in the JSON names: data in the address itself, or a file beside ``path``."""
    if uri.startswith("data:"):
        return _decode(path, uri)
    name = unquote(uri)
    place = Path(name)
    if "://" in uri or "\0" in name or "\\" in name:
        raise FormatError(path, f"points to {shorten(uri)!r}; only files beside it are read")
    if place.is_absolute() or ".." in place.parts:
        raise FormatError(path, f"points to {shorten(uri)!r} outside its own folder; move that beside it")
    return read_bytes(path.parent / place, limit=_LARGEST)


def _decode(path: Path, uri: str) -> bytes:
    head, comma, data = uri.partition(",")
    if not comma or not head.endswith(";base64"):
        raise FormatError(path, f"has data that are not in base64: {shorten(uri)!r}")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(path, f"has damaged base64 data: {shorten(str(error), length=80)}") from error


def _to_json(document: Mapping[str, Any]) -> bytes:
    write = partial(json.dumps, document, separators=(",", ":"), allow_nan=False)
    try:
        return write(ensure_ascii=False).encode()
    except UnicodeEncodeError:  # Half of a surrogate pair can only be written as an escape.
        return write().encode()


def _pad(content: bytes, byte: bytes) -> bytes:
    return content + byte * (-len(content) % 4)
