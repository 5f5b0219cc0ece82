"""A file of a case changed: its contents, by what kind of file it is, or what it is at all."""

import os
import random
from collections.abc import Callable
from pathlib import Path

from tests.fuzzing.mutations.binary import mutate_bytes
from tests.fuzzing.mutations.formats import mutate_checkpoint, mutate_glb, mutate_npy, mutate_npz, mutate_safetensors
from tests.fuzzing.mutations.text import mutate_text
from tests.fuzzing.mutations.trees import mutate_json, mutate_yaml

Mutate = Callable[[random.Random, bytes], bytes]

_BY_SUFFIX: dict[str, tuple[Mutate, ...]] = {
    ".bvh": (mutate_text, mutate_text, mutate_text, mutate_bytes),
    ".json": (mutate_json, mutate_json, mutate_json, mutate_text, mutate_bytes),
    ".jsonl": (mutate_text, mutate_text, mutate_bytes),
    ".yaml": (mutate_yaml, mutate_yaml, mutate_yaml, mutate_text, mutate_bytes),
    ".csv": (mutate_text, mutate_text, mutate_bytes),
    ".txt": (mutate_text, mutate_text, mutate_bytes),
    ".npy": (mutate_npy, mutate_npy, mutate_npy, mutate_bytes),
    ".npz": (mutate_npz, mutate_npz, mutate_npz, mutate_bytes),
    ".glb": (mutate_glb, mutate_glb, mutate_glb, mutate_bytes),
    ".vrma": (mutate_glb, mutate_glb, mutate_glb, mutate_bytes),
    ".safetensors": (mutate_safetensors, mutate_safetensors, mutate_bytes),
    ".ckpt": (mutate_checkpoint, mutate_checkpoint, mutate_bytes),
}
_UNUSUAL = 0.04


def mutate_file(rng: random.Random, path: Path) -> str:
    """Change it once, now and then several times; returns in short what was done."""
    if rng.random() < _UNUSUAL:
        return _become_something_else(rng, path)
    data, done = path.read_bytes(), []
    for _ in range(rng.choice([1, 1, 1, 1, 2, 4])):
        mutate = rng.choice(_BY_SUFFIX.get(path.suffix, (mutate_bytes,)))
        try:
            data = mutate(rng, data)
        except Exception:
            # What was changed before cannot be taken apart any more.
            data, mutate = mutate_bytes(rng, data), mutate_bytes
        done.append(mutate.__name__)
    path.write_bytes(data)
    return " ".join(done)


def _become_something_else(rng: random.Random, path: Path) -> str:
    kind = rng.choice(["missing", "empty", "folder", "fifo", "endless", "loop", "zeros"])
    path.unlink()
    if kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "zeros":
        path.write_bytes(bytes(100_000))
    return kind
