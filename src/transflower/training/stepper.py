"""One training step: the updates of an objective, each with its loss, gradient, clipping and optimiser."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from transflower.core.seeds import derive_seed
from transflower.models import Batch
from transflower.nn.batch_share import BatchShare, sharing
from transflower.training.objectives import Objective, Update
from transflower.training.options import TrainingConfig


class Stepper:
    """Takes steps of an objective, in a run and in benchmarks alike. What a step draws depends on its number alone."""

    def __init__(
        self,
        objective: Objective,
        config: TrainingConfig,
        *,
        rank: int = 0,
        world_size: int = 1,
        backward: Callable[[Tensor], None] = torch.Tensor.backward,
        log: Callable[[Mapping[str, Tensor]], None] = lambda metrics: None,
    ) -> None:
        """Make the optimisers; parameters are on their device by now.

        Args:
            objective: what a step does.
            config: the options.
            rank: of this process.
            world_size: number of processes, which share each batch.
            backward: computes gradients, averaged over all processes.
            log: takes metrics.
        """
        self.updates = objective.updates()
        self.optimisers: list[Optimizer] = [update.optimiser.build(update.parameters) for update in self.updates]
        self.rates: dict[str, float] = {}
        """Learning rates of the latest step, by their names in the log."""
        self._config = config
        self._model = objective.model
        self._rank = rank
        self._world_size = world_size
        self._backward = backward
        self._log = log

    def step(self, batches: Sequence[Batch], number: int, *, share: float) -> bool:
        """Take a step.

        Args:
            batches: their gradients are summed and divided by ``accumulate``, also where an epoch ends with fewer.
            number: steps before this one.
            share: of the full learning rates.

        Returns:
            Whether every gradient was finite. An update whose gradient is not is left out.
        """
        found = [self._update(index, batches, number, share) for index in range(len(self.updates))]
        return all(found)

    def _update(self, index: int, batches: Sequence[Batch], number: int, share: float) -> bool:
        update, optimiser = self.updates[index], self.optimisers[index]
        lr = self.rates[_named(update, "lr")] = update.optimiser.lr * share
        for group in optimiser.param_groups:
            group["lr"] = lr
        optimiser.zero_grad()
        with self._alone(update):
            for place, batch in enumerate(batches):
                # The first update has no number: runs of version 0.1.0 continue with the same noise.
                # The 0 was the rank, whose noise is now a share of that of the whole batch.
                self._seed(number, place, 0, *([index] if index else []))
                with self._precision(), self._sharing(batch):
                    loss, metrics = update.loss(batch)
                self._log({_named(update, name): value for name, value in {"loss": loss.detach(), **metrics}.items()})
                # Processes exchange gradients once, when all are there.
                backward = self._backward if place == len(batches) - 1 else torch.Tensor.backward
                backward(loss / self._config.accumulate)
        return self._follow(update, optimiser)

    def _follow(self, update: Update, optimiser: Optimizer) -> bool:
        """Clip the gradient and follow it, if it is finite: it is the same in all processes."""
        weights = [weight for weight in update.parameters if weight.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(weights, self._config.clip or float("inf"), foreach=True)
        if not bool(torch.isfinite(norm)):
            optimiser.zero_grad()
            return False
        self._log({_named(update, "grad_norm"): norm})
        optimiser.step()
        return True

    @contextmanager
    def _alone(self, update: Update) -> Iterator[None]:
        """Only the parameters of ``update`` require gradients."""
        others: list[Parameter] = [
            parameter
            for other in self.updates
            if other is not update
            for parameter in other.parameters
            if parameter.requires_grad
        ]
        for parameter in others:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in others:
                parameter.requires_grad_(True)

    def _precision(self) -> AbstractContextManager[None]:
        if self._config.precision == "fp32":
            return nullcontext()
        # Without a cache: a later update must not see weights from before an earlier one.
        return torch.autocast(self._model.device.type, dtype=torch.bfloat16, cache_enabled=False)

    def _sharing(self, batch: Batch) -> AbstractContextManager[None]:
        """What is drawn is the part of this process in that of the whole batch."""
        if self._world_size == 1:
            return nullcontext()
        return sharing(BatchShare(self._rank, self._world_size, len(next(iter(batch["targets"].values())))))

    def _seed(self, *place: int) -> None:
        """Seed what a loss draws from; ``torch.manual_seed`` prepares for absent devices too, which is slow."""
        seed = derive_seed(self._config.seed, "step", *place)
        torch.default_generator.manual_seed(seed)
        if self._model.device.type == "cuda":
            torch.cuda.manual_seed(seed)
        elif self._model.device.type == "mps":
            torch.mps.manual_seed(seed)


def _named(update: Update, name: str) -> str:
    return f"{update.name}/{name}" if update.name else name
