"""Files of the published system, written by PyTorch Lightning: weights and options, and nothing of them is run."""

import re
import zipfile
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from transflower.core.archives import check_archive
from transflower.core.errors import FormatError
from transflower.core.files import check_file
from transflower.published.weights import Settings


class _Unused:
    """Stands for classes that a file names in what is not read."""


_STAND_INS = (
    (Namespace, "argparse.Namespace"),
    (dict, "pytorch_lightning.utilities.parsing.AttributeDict"),
    (_Unused, "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"),
    (_Unused, "pytorch_lightning.callbacks.lr_monitor.LearningRateMonitor"),
)
"""What is made instead of the few classes that such files name."""


def read_checkpoint(path: Path) -> tuple[Settings, dict[str, Tensor]]:
    """Options and weights, under their published names.

    Only tensors, numbers, words and containers are read: a file that asks for anything else to be made is refused.

    Raises:
        FormatError: it is no such file.
    """
    check_file(path)
    if not zipfile.is_zipfile(path):
        raise FormatError(path, "is not a checkpoint of PyTorch Lightning")
    check_archive(path)
    try:
        with torch.serialization.safe_globals(list(_STAND_INS)):
            contents = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise FormatError(path, f"holds more than tensors and options, and is not opened ({_reason(error)})") from error
    except Exception as error:  # Of other files the unpickler raises whatever it stumbles over.
        raise FormatError(path, "is not a checkpoint of PyTorch Lightning") from error
    return _part(path, contents, "hyper_parameters"), _tensors(path, _part(path, contents, "state_dict"))


def _part(path: Path, contents: object, name: str) -> dict[str, Any]:
    part = contents.get(name) if isinstance(contents, dict) else None
    part = vars(part) if isinstance(part, Namespace) else part
    if not isinstance(part, dict):
        raise FormatError(path, f"holds no {name}, as checkpoints of PyTorch Lightning do")
    return {str(key): value for key, value in part.items()}


def _tensors(path: Path, state: Mapping[str, Any]) -> dict[str, Tensor]:
    others = [name for name, value in state.items() if not _is_plain(value)]
    if others:
        raise FormatError(path, f"{others[0]!r} of its state_dict is no plain tensor")
    return dict(state)


def _is_plain(value: object) -> bool:
    """Whether it is a tensor that holds all its numbers: a tiny file can name sparse or repeated ones of any size."""
    return (
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and value.device.type == "cpu"
        and value.nbytes <= value.untyped_storage().nbytes()
    )


def _reason(error: Exception) -> str:
    """The line that names what was asked for."""
    asked_for = re.search(r"GLOBAL (\S+)", str(error))
    return f"it asks for {asked_for.group(1)}" if asked_for else "it is damaged, or asks for something else"
