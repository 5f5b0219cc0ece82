"""A run, from its beginning or from where it was stopped, and its result."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transflower.training.devices import check_devices
from transflower.training.folder import RunFolder, RunLock, RunModels, are_written, check_fits
from transflower.training.options import Experiment
from transflower.training.preparation import build_model, build_objective, check_recordings, open_data
from transflower.training.process import hush_other_processes, is_main_process
from transflower.training.state import Saved

log = logging.getLogger(__name__)

_SURELY_WORSE_NATS, _SURELY_WORSE_TIMES = 1.0, 2.0
"""By which held-out likelihood (nats per dimension) or loss (times) is worse by no chance of the windows."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """Where a run stands."""

    folder: Path
    """The run: `best/`, `last/`, and what it continues from."""
    is_finished: bool
    """Whether it reached its end; otherwise it was stopped and can be continued."""
    steps: int
    """Steps of training."""
    seconds: float
    """Of all its sessions."""
    frames_per_second: float
    """Frames supervised in a second of training."""
    skipped: int = 0
    """Steps left out because the gradient was not finite."""
    first: Mapping[str, float] = field(default_factory=dict)
    """Metrics of the validation before the first step."""
    last: Mapping[str, float] = field(default_factory=dict)
    """Metrics of the latest validation."""
    best: Mapping[str, float] = field(default_factory=dict)
    """Metrics of the validation of the best model."""
    best_step: int | None = None
    """Steps of the best model."""

    @property
    def has_diverged(self) -> bool:
        """Whether held-out loss or likelihood of the latest model is no finite number."""
        return any(not math.isfinite(self.last[name]) for name in ("loss", "nll") if name in self.last)

    @property
    def is_worse(self) -> bool:
        """Whether held-out likelihood, or else loss, never came near what it was before the first step.

        The first validation reads fewer windows than others, so that a small difference tells nothing.
        """
        name = "nll" if "nll" in self.last else "loss"
        found = [metrics[name] for metrics in (self.best, self.last) if name in metrics]
        if name not in self.first or not found:
            return False
        first = self.first[name]
        return min(found) > (first + _SURELY_WORSE_NATS if name == "nll" else _SURELY_WORSE_TIMES * first)

    @classmethod
    def of(cls, folder: Path, run: Mapping[str, Any], *, is_finished: bool) -> "Result":
        """From the state of a run."""
        clock, validation = run["clock"], run["validation"]
        return cls(
            folder=folder,
            is_finished=is_finished,
            steps=run["step"],
            seconds=clock["seconds"],
            frames_per_second=clock["frames"] / max(clock["seconds"] - clock["pauses"], 1e-9),
            skipped=run["skipped"],
            **{name: validation[name] for name in ("first", "last", "best", "best_step")},
        )

    @property
    def first_nll(self) -> float | None:
        """Held-out nats per dimension before the first step; None where the model has no density."""
        return self.first.get("nll")

    @property
    def last_nll(self) -> float | None:
        """Held-out nats per dimension at the latest validation."""
        return self.last.get("nll")

    @property
    def best_nll(self) -> float | None:
        """Held-out nats per dimension of the best model."""
        return self.best.get("nll")


def train(experiment: Experiment, out: Path | str) -> Result:
    """Train into the folder ``out``, which holds everything of the run; continue there if it holds one.

    Ctrl-C and SIGTERM save and stop after the step at hand; the same call continues, with the same weights to the bit
    as if it had never stopped (on one kind of device, unless schedules follow the clock).

    Raises:
        KeyboardInterrupt: it was asked twice to stop.
        TransflowerError: data, options or a folder that cannot be used.
    """
    hush_other_processes()
    folder = RunFolder(Path(out))
    with RunLock(folder.path):
        return _train(experiment, folder)


def _train(experiment: Experiment, folder: RunFolder) -> Result:
    check_devices(experiment.training)
    saved = folder.saved(experiment)
    is_over = saved is not None and experiment.training.is_over(saved.step, saved.run["clock"]["seconds"])
    if saved is not None and is_over and are_written(folder, saved):
        return _finished(folder, saved)
    data = open_data(experiment)
    model = build_model(experiment, data, None if saved is None else folder.last)
    objective = build_objective(experiment, model)
    models = RunModels(folder=folder, experiment=experiment, data=data)
    if saved is not None:
        check_fits(objective, saved, experiment, folder)
        check_recordings(saved, data, folder)
        if is_main_process():
            models.update(saved, model)
        if is_over:
            return _finished(folder, saved)
        log.info("%s goes on after step %d", folder.path, saved.step)
    # What is mapped stays on the disk after it was replaced.
    step, saved = None if saved is None else saved.step, None
    # Lightning takes seconds to import: what can be refused is refused before.
    from transflower.training.trainer import fit

    run, is_finished = fit(experiment, models, data, objective, step)
    return Result.of(folder.path, run, is_finished=is_finished)


def _finished(folder: RunFolder, saved: Saved) -> Result:
    log.info("%s is finished; for more, raise training.max_steps or training.max_minutes", folder.path)
    return Result.of(folder.path, saved.run, is_finished=True)
