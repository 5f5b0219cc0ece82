"""Golden files: what they hold, and which loader reads them."""

import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

TELLING = {"din": "transformer", "in_shape": "flowpp", "glow_K": "moglow", "input_modalities": "transflower"}
"""A setting that only one kind has, and the kind."""


class Golden(NamedTuple):
    kind: str
    settings: dict[str, object]
    state: dict[str, Tensor]
    arrays: dict[str, Tensor]


def read_golden(path: Path) -> Golden:
    with np.load(path) as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files if name != "settings"}
        settings = json.loads(str(file["settings"]))
    kind = next((kind for setting, kind in TELLING.items() if setting in settings), None)
    assert kind, f"the settings of {path.name} are of no kind that is known: {', '.join(settings)}"
    state = {name.removeprefix("state/"): arrays.pop(name) for name in list(arrays) if name.startswith("state/")}
    return Golden(kind, settings, state, arrays)


def bits_per_frame(log_prob: Tensor, frames: int) -> Tensor:
    return -log_prob / (math.log(2) * frames)


def relative_error(ours: Tensor, theirs: Tensor) -> float:
    """Of the worst element, relative to the largest one."""
    assert ours.shape == theirs.shape
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()
