"""Training on the processor's clock: steps as ``transflower train`` takes them, and nothing else is counted."""

import time
from collections.abc import Iterator

import torch

from benchmarks.contenders import Contender
from transflower.data.dataset import Batch
from transflower.data.loader import WindowLoader
from transflower.models import Model
from transflower.training.ema import Ema
from transflower.training.preparation import build_objective
from transflower.training.stepper import Stepper


class Learner:
    """Steps of one model. Reading batches is not counted, averaging the weights is."""

    def __init__(self, contender: Contender, *, budget: float) -> None:
        """Prepare.

        Args:
            contender: what learns.
            budget: CPU-seconds of steps that there will be; the learning rate falls until then.
        """
        self.seconds = 0.0
        """CPU-seconds of steps so far."""
        self.steps = 0
        self._budget = budget
        self._config = contender.experiment.training
        self._model = contender.model.train()
        self._stepper = Stepper(build_objective(contender.experiment, self._model), self._config)
        self._ema = Ema(self._model, self._config.ema)
        self._batches = _endless(contender)

    @property
    def average(self) -> Model:
        """The weights to use."""
        return self._ema.model

    @property
    def num_bytes(self) -> int:
        """Of weights, gradients, moments and averages."""
        weights = [*self._model.parameters(), *self._ema.model.parameters()]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        states = [state for optimiser in self._stepper.optimisers for state in optimiser.state.values()]
        moments = [value for state in states for value in state.values() if torch.is_tensor(value)]
        return sum(tensor.numel() * tensor.element_size() for tensor in [*weights, *gradients, *moments])

    def learn_until(self, seconds: float) -> None:
        """Take steps until so many CPU-seconds are spent in all."""
        while self.seconds < seconds:
            batch = next(self._batches)
            start = time.process_time()
            self._step(batch)
            self.seconds += time.process_time() - start
            self.steps += 1

    def step(self) -> None:
        """One more step, which nobody counts."""
        self._step(next(self._batches))

    def _step(self, batch: Batch) -> None:
        share = self._config.schedule.share(self.steps, progress=self.seconds / self._budget)
        self._stepper.step([batch], self.steps, share=share)
        self._ema.update()


def _endless(contender: Contender) -> Iterator[Batch]:
    config, data = contender.experiment.training, contender.data
    loader = WindowLoader(data.train, batch_size=config.batch_size, stride=data.stride, training=True, seed=config.seed)
    epoch = 0
    while True:
        loader.sampler.set_epoch(epoch)
        yield from loader
        epoch += 1
