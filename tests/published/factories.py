"""Checkpoints in the layout that the published system left, made of golden weights."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import torch

from tests.conftest import GOLDEN_DATA
from tests.golden.golden import Golden, read_golden


def golden(name: str) -> Golden:
    return read_golden(GOLDEN_DATA / f"{name}.npz")


def write_checkpoint(
    path: Path,
    settings: Mapping[str, object],
    state: Mapping[str, torch.Tensor],
    *,
    keeps_options_in: str = "dict",
    **contents: object,
) -> Path:
    """As PyTorch Lightning 1.x wrote it, with classes of its own inside."""
    lightning = _OldLightning()
    options = {"dict": dict, "AttributeDict": lightning.AttributeDict, "Namespace": lambda x: argparse.Namespace(**x)}
    saved = {
        "epoch": 311,
        "global_step": 630988,
        "pytorch-lightning_version": "1.2.0",
        "state_dict": dict(state),
        "callbacks": {lightning.ModelCheckpoint: {"best_model_score": torch.tensor(0.5), "dirpath": "elsewhere"}},
        "optimizer_states": [{"state": {}, "param_groups": [{"lr": 7e-5}]}],
        "hparams_name": "opt",
        "hyper_parameters": options[keeps_options_in](dict(settings)),
    }
    with lightning:
        torch.save(saved | contents, path)
    return path


class _OldLightning:
    """Classes that can be found, and so be saved, while this is entered; loading them would fail afterwards."""

    def __init__(self) -> None:
        self.AttributeDict = type("AttributeDict", (dict,), {"__module__": "pytorch_lightning.utilities.parsing"})
        self.ModelCheckpoint = type(
            "ModelCheckpoint", (), {"__module__": "pytorch_lightning.callbacks.model_checkpoint"}
        )

    def __enter__(self) -> None:
        for one in (self.AttributeDict, self.ModelCheckpoint):
            parts = one.__module__.split(".")
            for length in range(1, len(parts) + 1):
                sys.modules.setdefault(".".join(parts[:length]), ModuleType(".".join(parts[:length])))
            setattr(sys.modules[one.__module__], one.__name__, one)

    def __exit__(self, *exception: object) -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == "pytorch_lightning"]:
            del sys.modules[name]
