"""Arrays, weights and checkpoints with changed headers or changed contents, whole by their own rules otherwise."""

import io
import json
import random
import struct
import zipfile
from typing import Any

import numpy as np
import torch

from tests.fuzzing.mutations import values
from tests.fuzzing.mutations.binary import mutate_bytes
from tests.fuzzing.mutations.trees import mutate_json, mutate_tree

_TYPES = ("<f8", "<f2", ">f4", "<i8", "|i1", "<c8", "|b1", "<U3", "|S2", "|O", "<M8[s]", "<u2", "V4")


def mutate_npy(rng: random.Random, data: bytes) -> bytes:
    """An array with other values, another shape or type, or a header that says something else than the data."""
    array = np.load(io.BytesIO(data))
    kind = rng.randrange(5)
    if kind == 0:
        return _header(rng, data)
    if kind == 1:
        array = array.copy()
        with np.errstate(all="ignore"):
            array.flat[rng.randrange(array.size)] = rng.choice([np.nan, np.inf, -np.inf, 1e38, -1e38, 1e-40, 1e9, -1])
    elif kind == 2:
        shapes = [array[:0], array[:, :0], array[0], array[None], array.T, array[:1], array[:, :1], array[()][0, 0]]
        array = rng.choice([*shapes, np.tile(array, (3, 1)), np.tile(array, (1, 3)), array[::-1]])
    elif kind == 3:
        with np.errstate(all="ignore"):
            array = array.astype(rng.choice(_TYPES[:9]))
    else:
        with np.errstate(all="ignore"):
            array = array * rng.choice([0, 1e-30, 1e30, -1, 1e-200, 1e6])
    with io.BytesIO() as file:
        np.save(file, np.asarray(array))
        return file.getvalue()


def _header(rng: random.Random, data: bytes) -> bytes:
    size = struct.unpack("<H", data[8:10])[0]
    header = data[10 : 10 + size].decode("latin-1")
    changes = {
        "'<f4'": [f"'{one}'" for one in _TYPES] + ["'x'", "[('a', '<f4')]", "'<f999999999'", "None"],
        "False": ["True", "2", "None"],
        "'shape'": ["'shap'", "'descr'", "1"],
        "(": ["(-1, ", "(1000000000, ", "(" * 500, f"({values.LONG[:4000]}, ", "[", "(1.5, ", "(0, "],
    }
    old = rng.choice(list(changes))
    new = header.replace(old, rng.choice(changes[old]), 1).encode("latin-1")
    return data[:8] + struct.pack("<H", len(new)) + new + data[10 + size :]


def mutate_npz(rng: random.Random, data: bytes) -> bytes:
    """An archive of arrays with one of them changed, renamed or left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name, kind = rng.choice(list(members)), rng.randrange(6)
    if kind == 0:
        del members[name]
    elif kind == 1:
        members[rng.choice(["poses.npy", "trans.npy", "x.npy", "names", "a/b.npy"])] = members.pop(name)
    elif kind == 2:
        members[name] = rng.choice(list(members.values()))
    elif kind == 3:
        members[name] = mutate_bytes(rng, members[name])
    else:
        members[name] = mutate_npy(rng, members[name])
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for one, content in members.items():
                archive.writestr(one, content)
        return file.getvalue()


def mutate_glb(rng: random.Random, data: bytes) -> bytes:
    """A GLB file with other JSON, other numbers, or chunks of other lengths."""
    length, _ = struct.unpack_from("<II", data, 12)
    text, rest = data[20 : 20 + length], bytearray(data[20 + length :])
    kind = rng.randrange(6)
    if kind == 0:
        at = 4 * rng.randrange(5)
        return data[:at] + struct.pack("<I", rng.choice([0, 1, 3, length + 4, 2**31, 2**32 - 1])) + data[at + 4 :]
    if kind == 1 and len(rest) > 16:
        numbers = [float("nan"), float("inf"), 3e38, -1e30, 0.0, 1e-40]
        struct.pack_into("<f", rest, 8 + rng.randrange((len(rest) - 8) // 4) * 4, rng.choice(numbers))
    else:
        text = mutate_json(rng, text)
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A)
    return head + text + bytes(rest)


def mutate_safetensors(rng: random.Random, data: bytes) -> bytes:
    """Another header, another length of it, or other numbers."""
    size = struct.unpack("<Q", data[:8])[0]
    header, body = data[8 : 8 + size], data[8 + size :]
    kind = rng.randrange(4)
    if kind == 0:
        size = rng.choice([0, 1, 7, size - 1, size + 1, 2**31, 2**63, 2**64 - 1, len(data)])
        return struct.pack("<Q", size) + data[8:]
    if kind == 1:
        header = mutate_json(rng, header)
    elif kind == 2:
        tree = json.loads(header)
        first, second = (rng.choice(list(tree)) for _ in range(2))
        tree[first], tree[second] = tree[second], tree[first]
        header = json.dumps(tree).encode()
    else:
        at = rng.randrange(max(1, len(body) - 4)) // 4 * 4
        body = (
            body[:at] + struct.pack("<f", rng.choice([float("nan"), float("inf"), 3e38, -1e30, 0.0])) + body[at + 4 :]
        )
    return struct.pack("<Q", len(header)) + header + body


def mutate_checkpoint(rng: random.Random, data: bytes) -> bytes:
    """A checkpoint of torch with another tree, or with tensors of another kind."""
    try:
        tree = torch.load(io.BytesIO(data), weights_only=True)
    except Exception:
        return data
    with io.BytesIO() as file:
        torch.save(mutate_tree(rng, tree, _tensor_or_value), file)
        return file.getvalue()


def _tensor_or_value(rng: random.Random) -> Any:
    if rng.random() < 0.5:
        return values.plain(rng)
    tensors = [
        *(torch.zeros(0), torch.zeros(3), torch.tensor(float("nan")), torch.tensor(-1), torch.full((2, 2), torch.inf)),
        *(torch.zeros(2, 3, dtype=torch.complex64), torch.tensor(True), torch.zeros(2, 2).to_sparse()),
    ]
    return rng.choice(tensors)
