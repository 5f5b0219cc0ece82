"""The models of a run on disk: written after the state that it goes on from, and made up for where a kill came between.

So at every instant the state is the newest that there is, and all that is newer than the models follows from it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from transflower.core.errors import FormatError, ModelError
from transflower.core.files import atomic_folder
from transflower.core.options import encode
from transflower.data.training_data import TrainingData
from transflower.models import Model, save_model
from transflower.models.digest import digest_of, read_digest
from transflower.training.folder import RunFolder
from transflower.training.options import Experiment
from transflower.training.state import Saved, check_ema, check_optimiser


@dataclass(frozen=True, kw_only=True, eq=False)
class RunModels:
    """Writes ``best/``, ``last/`` and ``steps/``."""

    folder: RunFolder
    experiment: Experiment
    data: TrainingData

    def write(self, model: Model, step: int, *, is_best: bool) -> None:
        """Write the model after ``step`` steps; ``last`` comes last, and says that all are written."""
        training = self.experiment.training
        if training.keep and (step % training.save_every == 0 or step == training.max_steps):
            self._write(self.folder.steps / f"{step:08d}", model)
            kept = sorted(path for path in self.folder.steps.iterdir() if path.name.isdecimal())
            for path in kept[: -training.keep]:
                shutil.rmtree(path)
        if is_best:
            self.write_best(model)
        self._write(self.folder.last, model)

    def write_best(self, model: Model) -> None:
        """Write the model that is better than all before."""
        self._write(self.folder.best, model)

    def update(self, saved: Saved, model: Model) -> None:
        """Write what was not written before the run was killed; ``model`` takes the weights that are kept."""
        if not are_written(self.folder, saved):
            model.load_state_dict(saved.kept)
            self.write(model, saved.step, is_best=saved.run["validation"]["best_step"] == saved.step)

    def _write(self, path: Path, model: Model) -> None:
        config = {name: part for name, part in encode(self.experiment).items() if name != "model"}
        with atomic_folder(path) as temporary:
            save_model(temporary, model, sidecars=self.data.sidecars, config=config)


def are_written(folder: RunFolder, saved: Saved) -> bool:
    """Whether the models are those of the state."""
    return read_digest(folder.last) == digest_of(saved.kept)


def check_fits(model: nn.Module, saved: Saved, experiment: Experiment, folder: RunFolder) -> None:
    """Refuse a state that does not belong to ``model``.

    Raises:
        ModelError: the recordings have other columns.
        FormatError: something else is wrong with it.
    """
    own = {f"model.{name}": weight.shape for name, weight in model.state_dict().items()}
    if own != {name: weight.shape for name, weight in saved.weights.items()}:
        raise ModelError(
            f"{folder.resume} is of a model for other features than these recordings have; "
            "continue with the recordings that it was trained on, or name another folder"
        )
    try:
        check_ema(saved, experiment.training.ema, model)
        check_optimiser(saved, experiment.training.optimiser, model)
    # Whoever has written it by hand may have written anything.
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise FormatError(folder.resume, f"is not the state of this run ({error}); {folder.advice}") from error
