"""Files of the published system, written by PyTorch Lightning: weights and options, and nothing of them is run."""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from transflower.core.errors import FormatError
from transflower.models.published.weights import Settings


class _Options(dict[str, Any]):
    """Stands for the classes that options were kept in."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.update(state)


class _Unused:
    """Stands for classes that a file names in what is not read."""


_OPTIONS = ("argparse.Namespace", "pytorch_lightning.utilities.parsing.AttributeDict")
_UNUSED = tuple(
    f"pytorch_lightning.callbacks.{name}"
    for name in ("model_checkpoint.ModelCheckpoint", "lr_monitor.LearningRateMonitor")
)


def read_checkpoint(path: Path) -> tuple[Settings, dict[str, Tensor]]:
    """Options and weights, under their published names.

    Only tensors, numbers, words and containers are read: a file that asks for anything else to be made is refused.

    Raises:
        FormatError: it is no such file.
    """
    known = [(_Options, name) for name in _OPTIONS] + [(_Unused, name) for name in _UNUSED]
    try:
        with torch.serialization.safe_globals(known):
            contents = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except UnpicklingError as error:
        raise FormatError(path, f"holds more than tensors and options, and is not opened ({_reason(error)})") from error
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise FormatError(path, "is not a checkpoint of PyTorch Lightning") from error
    return _part(path, contents, "hyper_parameters"), _tensors(path, _part(path, contents, "state_dict"))


def _part(path: Path, contents: object, name: str) -> dict[str, Any]:
    part = contents.get(name) if isinstance(contents, dict) else None
    if not isinstance(part, dict):
        raise FormatError(path, f"holds no {name}, as checkpoints of PyTorch Lightning do")
    return {str(key): value for key, value in part.items()}


def _tensors(path: Path, state: Mapping[str, Any]) -> dict[str, Tensor]:
    others = [name for name, value in state.items() if not isinstance(value, Tensor)]
    if others:
        raise FormatError(path, f"{others[0]!r} of its state_dict is no tensor")
    return dict(state)


def _reason(error: Exception) -> str:
    """The line that names what was asked for."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line.split(" was not")[0] for line in lines if "GLOBAL" in line), lines[0])
