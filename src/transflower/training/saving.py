"""What a run leaves behind: models to use, and the state to continue from."""

import shutil
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO

from transflower.core.files import atomic_folder, atomic_path
from transflower.core.options import encode
from transflower.data.training_data import TrainingData
from transflower.models import Model, save_model
from transflower.training.folder import RunFolder
from transflower.training.options import Experiment


class AtomicIO(TorchCheckpointIO):
    """Writes Lightning's resume file so that it is whole or not there."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write it."""
        with atomic_path(Path(path)) as temporary:
            torch.save(checkpoint, temporary)


class Saver:
    """Writes models, in the main process, and the state of the run."""

    def __init__(self, folder: RunFolder, experiment: Experiment, data: TrainingData) -> None:
        self._folder = folder
        self._keep = experiment.training.keep
        self._sidecars = data.sidecars
        self._config = {name: part for name, part in encode(experiment).items() if name != "model"}

    def save_best(self, trainer: Trainer, model: Model) -> None:
        """Write the model that is better than all before."""
        if trainer.is_global_zero:
            self._write(self._folder.best, model)

    def save(self, trainer: Trainer, model: Model, step: int) -> None:
        """Write the latest model, and what the run continues from."""
        if trainer.is_global_zero:
            self._write(self._folder.last, model)
            if self._keep:
                self._write(self._folder.steps / f"{step:08d}", model)
                kept = sorted(path for path in self._folder.steps.iterdir() if path.name.isdecimal())
                for path in kept[: -self._keep]:
                    shutil.rmtree(path)
        trainer.save_checkpoint(self._folder.resume, weights_only=False)

    def _write(self, path: Path, model: Model) -> None:
        with atomic_folder(path) as temporary:
            save_model(temporary, model, sidecars=self._sidecars, config=self._config)
