"""A small folder of recordings, and an experiment that trains on it in a moment."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.options import decode
from transflower.core.options.tree import Tree, merge
from transflower.training import Experiment

IDS = ("a", "b", "c", "d")
TINY = {
    "model": {
        "inputs": {
            "motion": {"length": 4, "offset": 0, "dropout": 0.2},
            "audio": {"length": 6, "offset": 0, "dropout": 0.1},
        },
        "outputs": {"motion": {"length": 1, "offset": 4}},
        "history_noise": {"sigma_max": 0.05},
        "encoder": {
            "type": "windowed",
            "input": {"width": 8, "layers": 1, "heads": 2},
            "cross": {"width": 8, "layers": 1, "heads": 2},
        },
        "head": {
            "type": "flow",
            "flow": {"num_steps": 1, "conditioner": {"type": "transformer", "width": 8, "layers": 1, "heads": 2}},
        },
    },
    "training": {
        "batch_size": 4,
        "max_steps": 12,
        "accelerator": "cpu",
        "optimiser": {"type": "adamw", "lr": 0.01},
        "schedule": {"type": "cosine", "warmup_steps": 2},
        "ema": 0.9,
        "validate_every": 5,
        "validate_batches": 2,
        "save_every": 4,
        "log_every": 3,
        "rollouts": {"sequences": 1, "samples": 2, "frames": 6},
    },
}


def write_recordings(folder: Path, *, num_frames: int = 24, dim: int = 3) -> Path:
    """Motion that follows its music, in the splits train and val."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(IDS):
        rng = np.random.default_rng(number)
        music = np.sin(np.arange(num_frames)[:, None] * [0.3, 0.7] + number)
        motion = np.cumsum(music, axis=0)[:, :1] * np.linspace(0.1, 1, dim) + 0.1 * rng.standard_normal(
            (num_frames, dim)
        )
        np.save(folder / f"{one}.audio.npy", music.astype(np.float32))
        np.save(folder / f"{one}.motion.npy", motion.astype(np.float32))
    (folder / "base_filenames_train.txt").write_text("\n".join(IDS[:-1]))
    (folder / "base_filenames_val.txt").write_text(IDS[-1])
    (folder / "audio.json").write_text(json.dumps({"kind": "audio", "fps": 20, "silence": [0.0, 0.0]}))
    return folder


def tree(folder: Path, **training: Any) -> Tree:
    """Options of the tiny experiment; ``training`` changes some."""
    return merge(deepcopy(TINY), {"data": {"folder": str(folder)}, "training": training})


def experiment(folder: Path, **training: Any) -> Experiment:
    """The tiny experiment."""
    return decode(Experiment, tree(folder, **training))
