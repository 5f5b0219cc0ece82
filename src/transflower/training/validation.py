"""Validation: held-out likelihood and free-running samples, what was best, and what the schedule learns from it."""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, get_args

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.core.seeds import derive_seed
from transflower.data.dataset import Batch
from transflower.models import Model
from transflower.nn.autocast import full_precision
from transflower.training.options import ShortBestBy, TrainingConfig
from transflower.training.rollouts import SCORE, Rollouts
from transflower.training.sample_metrics import is_better_higher

log = logging.getLogger(__name__)

_FRAMES_OF_TRIAL = 8
_BATCHES_AT_START = 8


class Validation:
    """Measures a model, and remembers the first, the latest and the best metrics."""

    def __init__(
        self, config: TrainingConfig, batches: Iterable[Batch], rollouts: Rollouts | None, *, has_density: bool
    ) -> None:
        """Prepare.

        Args:
            config: the options.
            batches: held-out windows of this process, the same at every validation.
            rollouts: what draws samples, in the main process, if they are wanted.
            has_density: whether the model has a likelihood.

        Raises:
            OptionsError: the best model shall be chosen by something that cannot be measured.
        """
        self._config = config
        self._batches = batches
        self._rollouts = rollouts
        self._key = _key_of_score(config, has_density=has_density)
        self._is_named = config.best_by not in get_args(ShortBestBy)
        self._sign = _sign_of(self._key)
        if self._key == SCORE and rollouts is not None and not rollouts.has_score:
            raise OptionsError("best_by: rollout needs more frames than columns; give more rollouts.samples or frames")
        self.first: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.best: dict[str, float] = {}
        self.last_step: int | None = None
        self.best_step: int | None = None
        self.scores: list[float] = []

    def run(
        self, trainer: Trainer, model: Model, step: int, *, is_stopped: Callable[[], bool]
    ) -> dict[str, float] | None:
        """Metrics after ``step`` steps; None where it was stopped in between."""
        metrics = self._measure(trainer, model, step, is_stopped)
        if metrics is None:
            return None
        score = self._sign * metrics.get(self._key, math.inf)
        score = score if math.isfinite(score) else math.inf
        if step == 0:
            self.first = metrics
        else:
            # A model whose score is not finite is never the best.
            if score < min(self.scores, default=math.inf):
                self.best, self.best_step = metrics, step
            self.scores.append(score)
        self.last, self.last_step = metrics, step
        log.info("step %d: %s", step, _summary(metrics))
        return metrics

    def state_dict(self) -> dict[str, Any]:
        """Plain numbers."""
        names = ("first", "last", "best", "last_step", "best_step", "scores")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue."""
        for name, value in state.items():
            setattr(self, name, value)

    def _measure(
        self, trainer: Trainer, model: Model, step: int, is_stopped: Callable[[], bool]
    ) -> dict[str, float] | None:
        # Several processes must do the same: none of them may leave early.
        is_left = is_stopped if trainer.world_size == 1 else lambda: False
        seed = derive_seed(self._config.seed, "validation", trainer.global_rank)
        limit = self._config.validate_batches
        if step == 0:  # The training shall begin soon.
            limit = min(limit or _BATCHES_AT_START, _BATCHES_AT_START)
        sums = sum_metrics(model, self._batches, limit=limit, seed=seed, is_stopped=is_left)
        if is_left():
            return None
        total = trainer.strategy.reduce(torch.stack(list(sums.values())), reduce_op="sum")
        metrics = means(dict(zip(sums, torch.as_tensor(total), strict=True)))
        sampled: dict[str, float] = {}
        if self._config.rollouts.sequences:
            sampled = trainer.strategy.broadcast(self._sample(model, step, is_left))
        if is_left():
            return None
        if step == 0:
            self._check_key([*metrics, *sampled])
            return metrics
        return metrics | sampled

    def _sample(self, model: Model, step: int, is_left: Callable[[], bool]) -> dict[str, float]:
        if self._rollouts is None:
            return {}
        if step == 0:
            # Before the first step metrics of samples mean nothing.
            self._rollouts.try_out(model, frames=_FRAMES_OF_TRIAL, is_stopped=is_left)
            return dict.fromkeys(self._rollouts.names, math.inf) if self._is_named else {}
        return self._rollouts.metrics(model, is_stopped=is_left)

    def _check_key(self, measured: Iterable[str]) -> None:
        """Refuse to choose the best model by what is not measured."""
        names = [name if "/" in name else f"val/{name}" for name in measured]
        if self._is_named and self._config.best_by not in names:
            raise OptionsError(f"best_by: there is no {self._config.best_by}; measured are {', '.join(sorted(names))}")


def _key_of_score(config: TrainingConfig, *, has_density: bool) -> str:
    if config.best_by == "likelihood" and not has_density:
        raise OptionsError("best_by: likelihood needs a model with a density; choose loss or rollout")
    if config.best_by == "rollout":
        return SCORE
    if config.best_by not in get_args(ShortBestBy):
        return config.best_by.removeprefix("val/")
    return "nll" if has_density and config.best_by != "loss" else "loss"


def _sign_of(key: str) -> int:
    """What a metric is multiplied by, so that less is better."""
    is_higher = is_better_higher(key)
    if is_higher is None:
        raise OptionsError(f"best_by: {key} is good where it is that of the data, neither low nor high; choose another")
    return -1 if is_higher else 1


def _summary(metrics: Mapping[str, float]) -> str:
    """The metrics that say most, in words."""
    labels = {
        "nll" if "nll" in metrics else "loss": "held-out nats/dim" if "nll" in metrics else "held-out loss",
        "rollout/std": "samples' std",
        "rollout/std_last": "of their last third",
        "rollout/pose_distance": "pose distance",
        SCORE: "movement distance",
    }
    return ", ".join(f"{label} {metrics[name]:.3f}" for name, label in labels.items() if name in metrics)


@torch.no_grad()
def sum_metrics(
    model: Model,
    batches: Iterable[Batch],
    *,
    limit: int | None,
    seed: int,
    is_stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Tensor]:
    """Loss and metrics of ``model``, summed over windows; ``windows`` is their number.

    Args:
        model: in any mode; it is evaluated as for use, in single precision.
        batches: the windows.
        limit: most batches to take.
        seed: of the noise on targets.
        is_stopped: asked before each batch, whether to leave it at that.
    """
    parameter = next(model.parameters())
    generator = torch.Generator(parameter.device).manual_seed(seed)
    sums: dict[str, Tensor] = {}
    was_training = model.training
    model.eval()
    with full_precision(parameter):
        for batch in islice(batches, limit):
            if is_stopped():
                break
            batch = to_device(batch, parameter.device)
            loss, metrics = model.loss(batch, generator=generator)
            _add(sums, {"loss": loss, **metrics}, num_windows=len(next(iter(batch["targets"].values()))))
    model.train(was_training)
    return sums


def means(sums: Mapping[str, Tensor]) -> dict[str, float]:
    """Metrics of a window, from their sums."""
    return {name: float(value / sums["windows"]) for name, value in sums.items() if name != "windows"}


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch where the model is."""
    return {
        side: {name: tensor.to(device, non_blocking=True) for name, tensor in group.items()}
        for side, group in batch.items()
    }


def _add(sums: dict[str, Tensor], metrics: Mapping[str, Tensor], *, num_windows: int) -> None:
    for name, value in {**metrics, "windows": torch.ones_like(metrics["loss"])}.items():
        # Not float64: some accelerators have none.
        weighted = value.detach().float() * num_windows
        sums[name] = sums[name] + weighted if name in sums else weighted
