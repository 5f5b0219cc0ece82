"""When and how the state of a run is saved."""

import time
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO

from transflower.core.files import atomic_path
from transflower.models import Model
from transflower.training.run_models import RunModels

_SECONDS_BETWEEN = 60.0
_MOST_SHARE = 0.05
"""Of the time, spent in saving."""


class AtomicIO(TorchCheckpointIO):
    """Writes Lightning's resume file so that it is whole or not there."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write it."""
        with atomic_path(Path(path)) as temporary:
            torch.save(checkpoint, temporary)


class Saver:
    """Writes the state of the run, and then, in the main process, the models that follow from it.

    Besides the saves that are asked for, one is due after the first step, as a fault should show now, and then every
    minute, or less often where saving is slow.
    """

    def __init__(self, models: RunModels) -> None:
        self._models = models
        self._due = 0.0

    def start(self, step: int) -> None:
        """Begin a session after ``step`` steps."""
        self._due = time.monotonic() + _SECONDS_BETWEEN if step else 0.0

    @property
    def is_due(self) -> bool:
        """Whether so much time has passed that a kill would lose too much."""
        return time.monotonic() >= self._due

    def save_best(self, trainer: Trainer, model: Model) -> None:
        """Write the best model alone: it is that of the state which is on disk."""
        if trainer.is_global_zero:
            self._models.write_best(model)

    def save(self, trainer: Trainer, model: Model, step: int, *, is_best: bool) -> None:
        """Write what the run continues from, and the models after ``step`` steps."""
        start = time.monotonic()
        if trainer.is_global_zero:
            self._models.folder.keep(self._models.experiment)
        trainer.save_checkpoint(self._models.folder.resume, weights_only=False)
        if trainer.is_global_zero:
            self._models.write(model, step, is_best=is_best)
        end = time.monotonic()
        self._due = end + max(_SECONDS_BETWEEN, (end - start) / _MOST_SHARE)
