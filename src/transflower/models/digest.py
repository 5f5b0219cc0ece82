"""Digests of a model's files: a flipped bit in a weight would change what is drawn, without a sign."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

_KEY = "sha256"
_WEIGHTS = "model.safetensors"


def digest_of(weights: Mapping[str, Tensor]) -> str:
    """Digest of tensors and their names."""
    found = hashlib.sha256()
    for name in sorted(weights):
        weight = weights[name].detach().cpu().contiguous()
        found.update(f"{name} {weight.dtype} {tuple(weight.shape)}\n".encode())
        found.update(weight.reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def digest_of_tree(tree: Any) -> str:
    """Digest of what a file of options or JSON says, however it is laid out."""
    return hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()


def as_metadata(digests: Mapping[str, str]) -> dict[str, str]:
    """Digests as a file of weights can hold them: under one key, for its writer orders several at random."""
    return {_KEY: json.dumps(dict(sorted(digests.items())))}


def read_digests(path: Path) -> dict[str, str]:
    """Digests that a file of weights holds; none where it was written without.

    Raises:
        SafetensorError: it is no file of weights.
        OSError: it cannot be read.
    """
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
    try:
        digests = json.loads(metadata.get(_KEY, "{}"))
    except ValueError:
        digests = None
    is_sound = isinstance(digests, dict) and all(isinstance(digest, str) for digest in digests.values())
    return digests if is_sound else {"weights": "unreadable"}


def read_digest(folder: Path) -> str | None:
    """Digest of the weights in the folder of a model, as it was noted; None where there is none."""
    try:
        return read_digests(folder / _WEIGHTS).get("weights")
    except (SafetensorError, OSError):
        return None
