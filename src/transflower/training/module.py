"""The model as Lightning trains it: one batch, one step."""

import logging
from collections.abc import Sequence
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.optim import Optimizer

from transflower.core.errors import ModelError
from transflower.core.seeds import derive_seed
from transflower.data.dataset import Batch
from transflower.models import Model
from transflower.training.logs import RunningMeans
from transflower.training.options import TrainingConfig

log = logging.getLogger(__name__)

_MOST_SKIPPED_IN_A_ROW = 10


class TrainingModule(LightningModule):
    """Loss, optimiser, learning rate, clipping; and randomness that depends on the step alone."""

    def __init__(self, model: Model, config: TrainingConfig) -> None:
        super().__init__()
        self.model = model
        self.running_means = RunningMeans()
        self.seconds = 0.0
        """Of the run, as all processes see it."""
        self.scores: list[float] = []
        """Of all validations, for the schedule."""
        self.skipped = 0
        """Steps left out because the gradient was not finite."""
        self.stepped = False
        """Whether the latest batch completed a step."""
        self.lr = 0.0
        self._config = config
        self._weights = list(model.parameters())
        self._skipped_in_a_row = 0
        self._batches_of_step = 0

    def configure_optimizers(self) -> Optimizer:
        """The optimiser; its learning rate is set before each step."""
        return self._config.optimiser.build(self.model.parameters())

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed: a resumed run draws what an uninterrupted one would."""
        self.stepped = False
        place = (self.global_step, self._batches_of_step, self.global_rank)
        _seed_torch(derive_seed(self._config.seed, "step", *place), self.device)
        self._batches_of_step += 1

    def training_step(self, batch: Batch) -> Tensor:
        """The loss of a batch."""
        loss, metrics = self.model.loss(batch)
        self.running_means.add({"loss": loss.detach(), **metrics})
        return loss

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """One step, with the learning rate of the moment."""
        optimiser = self.trainer.optimizers[0]
        progress = self._config.progress(self.global_step, self.seconds)
        share = self._config.schedule.share(self.global_step, progress=progress, scores=self.scores)
        self.lr = self._config.optimiser.lr * share
        for group in optimiser.param_groups:
            group["lr"] = self.lr
        super().optimizer_step(*args, **kwargs)
        self.stepped = True
        self._batches_of_step = 0

    def configure_gradient_clipping(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        """Scale long gradients down, and leave the step out if one is not finite."""
        weights = [weight for weight in self._weights if weight.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(weights, self._config.clip or float("inf"), foreach=True)
        if bool(torch.isfinite(norm)):
            self.running_means.add({"grad_norm": norm})
            self._skipped_in_a_row = 0
        else:
            self._skip(weights)

    def _skip(self, weights: Sequence[Tensor]) -> None:
        # Optimisers pass over weights without a gradient. Gradients are the same on all devices, so all do.
        for weight in weights:
            weight.grad = None
        self.skipped += 1
        self._skipped_in_a_row += 1
        if self._skipped_in_a_row == 1:
            log.warning("step %d is left out: its gradient is not finite", self.global_step + 1)
        if self._skipped_in_a_row >= _MOST_SKIPPED_IN_A_ROW:
            raise ModelError(
                f"the gradient was not finite in {_MOST_SKIPPED_IN_A_ROW} steps in a row, up to step "
                f"{self.global_step + 1}; look for outliers in the recordings, or train in another folder with a lower "
                "--training.optimiser.lr"
            )


def _seed_torch(seed: int, device: torch.device) -> None:
    """Seed what a step draws from; ``torch.manual_seed`` prepares for absent devices too, which is slow."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
