"""What happens around the steps, in order: counting, averaging, logging, validating, saving, stopping."""

import time
from collections.abc import Mapping
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from transflower.data.dataset import Batch
from transflower.models import Model
from transflower.training.ema import Ema
from transflower.training.folder import RunModels
from transflower.training.logs import History, Progress
from transflower.training.module import TrainingModule
from transflower.training.options import TrainingConfig
from transflower.training.process import Clock, StopRequest
from transflower.training.validation import Validation

_SECONDS_BETWEEN = 60.0
_MOST_SHARE = 0.05
"""Of the time, spent in saving."""


class Saver:
    """Writes the state of the run, and then, in the main process, the models that follow from it.

    Besides the saves that the options ask for, one is due after the first step, so that a fault shows early, and then
    every minute, or less often where saving is slow.
    """

    def __init__(self, models: RunModels) -> None:
        self._models = models
        self._due = 0.0

    def start(self, step: int) -> None:
        """Begin a session after ``step`` steps."""
        self._due = time.monotonic() + _SECONDS_BETWEEN if step else 0.0

    @property
    def is_due(self) -> bool:
        """Whether too much work would be lost if the process were killed."""
        return time.monotonic() >= self._due

    def save_best(self, trainer: Trainer, model: Model) -> None:
        """Write the best model alone: the state on disk is already that of this model."""
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


class TrainingCallback(Callback):
    """Calls the parts of training around every batch. The parts do not know each other."""

    def __init__(
        self,
        config: TrainingConfig,
        *,
        module: TrainingModule,
        validation: Validation,
        history: History,
        saver: Saver,
        progress: Progress,
        stop: StopRequest,
        recordings: Mapping[str, Any],
    ) -> None:
        self.clock = Clock()
        self.is_under_way = False
        self.validation = validation
        self.is_finished = False
        self._config = config
        self._module = module
        self._ema = Ema(module.model, config.ema) if config.ema else None
        self._history = history
        self._saver = saver
        self._progress = progress
        self._stop = stop
        self._recordings = dict(recordings)

    @property
    def state_key(self) -> str:
        """Name of its state in the resume file."""
        return "run"

    @property
    def model(self) -> Model:
        """The weights that are validated and kept."""
        return self._module.model if self._ema is None else self._ema.model

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Validate before the first step, so that a fault shows now and not in an hour."""
        self._stop.listen()
        self.is_under_way = True
        if self._ema is not None:
            self._ema.to(pl_module.device)
        self._module.scores = self.validation.scores
        if trainer.is_global_zero:
            self._history.rewind(self._module.step or -1)
        self.clock.start()
        self._saver.start(self._module.step)
        if self._is_due(self._module.step) and self._validate(trainer):
            self._saver.save_best(trainer, self.model)
        self._module.seconds, trainer.should_stop, _ = self._agree(trainer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Count the batch; after a step, average, log, validate, save and stop as is due."""
        windows = len(next(iter(batch["targets"].values())))
        self.clock.frames += windows * self._config.positions * trainer.world_size
        if self._module.stepped:
            self._after_step(trainer)

    def state_dict(self) -> dict[str, Any]:
        """Plain tensors, numbers and dicts."""
        state: dict[str, Any] = {
            "step": self._module.step,
            "skipped": self._module.skipped,
            "clock": self.clock.state_dict(),
            "validation": self.validation.state_dict(),
            "recordings": self._recordings,
        }
        if self._ema is not None:
            state["ema"] = self._ema.state_dict()
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue."""
        self.clock.load_state_dict(state_dict["clock"])
        self.validation.load_state_dict(state_dict["validation"])
        self._module.step, self._module.skipped = state_dict["step"], state_dict["skipped"]
        if self._ema is not None:
            self._ema.load_state_dict(state_dict["ema"])

    def _after_step(self, trainer: Trainer) -> None:
        step = self._module.step
        if self._ema is not None:
            self._ema.update()
        self._module.seconds, is_stopped, is_due = self._agree(trainer)
        self.is_finished = self._config.is_over(step, self._module.seconds)
        self._report(trainer, step)
        is_best = False
        if self.is_finished:
            # The last validation is part of the run: only a second Ctrl-C prevents it.
            is_best = self._validate(trainer, may_stop=False)
        elif self._is_due(step) and not is_stopped:
            is_best = self._validate(trainer)
            is_stopped = trainer.world_size == 1 and self._stop.is_made
        if self.is_finished or is_stopped or is_best or is_due or step % self._config.save_every == 0:
            with self.clock.pause():
                self._saver.save(trainer, self.model, step, is_best=is_best)
        trainer.should_stop = self.is_finished or is_stopped

    def _is_due(self, step: int) -> bool:
        # A validation that was interrupted is still due when the run continues.
        return step % self._config.validate_every == 0 and self.validation.last_step != step

    def _validate(self, trainer: Trainer, *, may_stop: bool = True) -> bool:
        """Validate, unless it is stopped; whether the model is the best so far."""
        step = self._module.step
        with self.clock.pause():
            metrics = self.validation.run(trainer, self.model, step, is_stopped=lambda: may_stop and self._stop.is_made)
        if metrics is None:
            return False
        if trainer.is_global_zero:
            named = {name if "/" in name else f"val/{name}": value for name, value in metrics.items()}
            self._history.write(named, step=step, seconds=self.clock.seconds)
        return self.validation.best_step == step

    def _report(self, trainer: Trainer, step: int) -> None:
        if not trainer.is_global_zero:
            return
        module, clock = self._module, self.clock
        if self._progress.is_due():
            self._progress.show(step, clock.seconds, module.running_means.means(), clock.frames_per_second)
        if step % self._config.log_every == 0:
            metrics = {f"train/{name}": value for name, value in module.running_means.take().items()}
            metrics |= {f"train/{name}": rate for name, rate in module.rates.items()}
            metrics |= {"train/frames_per_second": clock.frames_per_second}
            self._history.write(metrics, step=step, seconds=clock.seconds)

    def _agree(self, trainer: Trainer) -> tuple[float, bool, bool]:
        """Seconds of the run, whether to stop, and whether to save: the same in all processes."""
        seconds, is_stopped, is_due = self.clock.seconds, self._stop.is_made, self._saver.is_due
        if trainer.world_size == 1:
            return seconds, is_stopped, is_due
        mine = torch.tensor([seconds, float(is_stopped), float(is_due)], device=self._module.device)
        agreed = torch.as_tensor(trainer.strategy.reduce(mine, reduce_op="max"))
        return float(agreed[0]), bool(agreed[1]), bool(agreed[2])
