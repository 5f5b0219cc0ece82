"""The objective as Lightning trains it: batches in, steps done and counted."""

import logging
from typing import Any

from lightning.pytorch import LightningModule
from torch.optim import Optimizer

from transflower.core.errors import ModelError
from transflower.data.dataset import Batch
from transflower.models import Model
from transflower.training.logs import RunningMeans
from transflower.training.objectives import Objective
from transflower.training.options import TrainingConfig
from transflower.training.stepper import Stepper

log = logging.getLogger(__name__)

_MOST_SKIPPED_IN_A_ROW = 10


class TrainingModule(LightningModule):
    """Gathers the batches of a step, and counts steps: Lightning would count those of every optimiser."""

    def __init__(self, objective: Objective, config: TrainingConfig) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.objective = objective
        self.running_means = RunningMeans()
        self.step = 0
        """Steps done."""
        self.seconds = 0.0
        """Of the run, as all processes see it."""
        self.scores: list[float] = []
        """Of all validations, for the schedule."""
        self.skipped = 0
        """Steps in which a gradient was not finite."""
        self.stepped = False
        """Whether the latest batch completed a step."""
        self._config = config
        self._stepper: Stepper | None = None
        self._skipped_in_a_row = 0
        self._batches: list[Batch] = []

    @property
    def model(self) -> Model:
        """What is trained, without what only training needs."""
        return self.objective.model

    @property
    def rates(self) -> dict[str, float]:
        """Learning rates of the latest step, by their names in the log."""
        return self._stepper.rates if self._stepper is not None else {}

    def configure_optimizers(self) -> list[Optimizer]:
        """One for each update; learning rates are set before each step."""
        self._stepper = Stepper(
            self.objective,
            self._config,
            rank=self.global_rank,
            world_size=self.trainer.world_size,
            backward=self.manual_backward,
            log=self.running_means.add,
        )
        return self._stepper.optimisers

    def training_step(self, batch: Batch) -> None:
        """Take a step, once its batches are there; the last of an epoch may have fewer."""
        self._batches.append(batch)
        self.stepped = len(self._batches) == self._config.accumulate or self.trainer.is_last_batch
        if self.stepped:
            batches, self._batches = self._batches, []
            self._step(batches)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Note our count of steps: Lightning's stays 0."""
        checkpoint["global_step"] = self.step

    def _step(self, batches: list[Batch]) -> None:
        assert self._stepper is not None
        progress = self._config.progress(self.step, self.seconds)
        share = self._config.schedule.share(self.step, progress=progress, scores=self.scores)
        if self._stepper.step(batches, self.step, share=share):
            self._skipped_in_a_row = 0
        else:
            self._skip()
        self.step += 1

    def _skip(self) -> None:
        self.skipped += 1
        self._skipped_in_a_row += 1
        if self._skipped_in_a_row == 1:
            log.warning("step %d is left out: its gradient is not finite", self.step + 1)
        if self._skipped_in_a_row >= _MOST_SKIPPED_IN_A_ROW:
            raise ModelError(
                f"the gradient was not finite in {_MOST_SKIPPED_IN_A_ROW} steps in a row, up to step "
                f"{self.step + 1}; look for outliers in the recordings, or train in another folder with a lower "
                "--training.optimiser.lr"
            )
