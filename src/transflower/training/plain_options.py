"""Options of training that can be read, and refused, before torch is loaded."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Temperature, Workers
from transflower.training.optimisers import AdamWConfig, OptimiserConfig
from transflower.training.schedules import ConstantConfig, ScheduleConfig

ShortBestBy = Literal["auto", "likelihood", "loss", "rollout"]


def check_best_by(metric: str, *, option: str = "best_by") -> None:
    """Refuse what is the name of no metric.

    Raises:
        OptionsError: saying what there is.
    """
    if metric not in get_args(ShortBestBy) and "/" not in metric:
        raise OptionsError(
            f"{option} is {', '.join(get_args(ShortBestBy))}, or a metric of a validation such as val/mse or "
            f"rollout/drift, got {metric!r}"
        )


@dataclass(frozen=True, kw_only=True)
class RolloutConfig:
    """Free-running samples at every validation: likelihood does not show whether they drift away or freeze."""

    sequences: int = 2
    """Held-out sequences whose conditions are given, each with its own first frames as prompt; 0 leaves samples out."""
    samples: int = 2
    """Samples for each."""
    frames: int = 150
    """Length of each sample, or what is left of its sequence."""
    temperature: Temperature = 1.0
    """Width of the noise that is drawn."""

    def __post_init__(self) -> None:
        if self.sequences < 0 or self.samples < 1 or self.frames < 3 or not self.temperature >= 0:
            raise OptionsError(
                "rollouts need sequences >= 0, samples >= 1, frames >= 3 and temperature >= 0, got "
                f"{self.sequences}, {self.samples}, {self.frames} and {self.temperature}"
            )


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How a model is trained, checked and kept, but for the parts that need torch."""

    batch_size: int = 32
    """Windows of a batch, on each device."""
    positions: int = 1
    """Consecutive positions in a window, all of them supervised; windowed models use 1."""
    accumulate: int = 1
    """Batches whose gradients make up one step."""
    start_from: Path | None = None
    """Folder of a model, or of a run, with whose weights training begins as far as they fit; `pretrained` and `salsa`
    are models of the package."""
    max_steps: int | None = None
    """Steps after which training ends; with neither this nor `max_minutes` it goes on until it is stopped."""
    max_minutes: float | None = None
    """Minutes after which training ends, validation included and summed over all sessions of a run. Without
    `max_steps`, schedules that need an end follow the clock, and runs cannot be reproduced exactly."""
    objective: Any = None
    """What a step does."""
    optimiser: OptimiserConfig = field(default_factory=AdamWConfig)
    """How weights are changed by their gradients."""
    schedule: ScheduleConfig = field(default_factory=ConstantConfig)
    """How the learning rate changes."""
    ema: float = 0.999
    """Decay of the moving average of the weights, which is what is validated and kept; 0 keeps the weights as such."""
    clip: float = 1.0
    """Largest norm of the gradient of each optimiser; longer gradients are scaled down. 0 turns this off."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of training steps: single precision, or bfloat16 where it is safe. Validation is always fp32."""
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where to compute."""
    devices: Workers = 1
    """Devices of each machine; on a CPU, processes."""
    nodes: Workers = 1
    """Machines."""
    strategy: Literal["auto", "ddp", "ddp_find_unused_parameters_true"] = "auto"
    """How several devices work together."""
    seed: int = 0
    """Seed of all randomness."""
    validate_every: int = 1000
    """Steps between validations; there is one before the first step and one after the last."""
    validate_batches: int | None = 50
    """Most batches of a validation; `none` takes the whole validation split."""
    rollouts: RolloutConfig = field(default_factory=RolloutConfig)
    """Free-running samples at every validation."""
    best_by: str = "auto"
    """What makes a model the best: `likelihood` (held-out), `loss` (held-out), `rollout` (the movement distance of
    samples), or any metric of a validation by its name in `metrics.jsonl`, such as `val/mse` or `rollout/drift`. `auto`
    is the likelihood where the model has one, else the loss."""
    save_every: int = 500
    """Steps between saves: what is lost at most when the machine fails."""
    keep: int = 0
    """Models of the latest saves to keep besides `best` and `last`."""
    log_every: int = 50
    """Steps between entries in the log."""

    def __post_init__(self) -> None:
        counts = ("batch_size", "positions", "accumulate", "devices", "nodes", "validate_every", "save_every")
        for name in (*counts, "log_every", "max_steps", "max_minutes", "validate_batches"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise OptionsError(f"{name} must be above 0, got {value}")
        if not 0 <= self.ema < 1 or not self.clip >= 0 or self.keep < 0:
            raise OptionsError("ema must be at least 0 and below 1, clip and keep at least 0")
        if self.schedule.needs_end and self.max_steps is None and self.max_minutes is None:
            raise OptionsError("this schedule must know when training ends: give max_steps or max_minutes")
        check_best_by(self.best_by)
        if self.best_by.startswith("rollout") and not self.rollouts.sequences:
            raise OptionsError(f"best_by: {self.best_by} needs rollouts; give rollouts.sequences")

    def progress(self, step: int, seconds: float) -> float:
        """Share of the training that is done, as schedules see it; 0 where its end is not known."""
        if self.max_steps is not None:
            return step / self.max_steps
        return seconds / (60 * self.max_minutes) if self.max_minutes is not None else 0.0

    def is_over(self, step: int, seconds: float) -> bool:
        """Whether a limit is reached."""
        return (self.max_steps is not None and step >= self.max_steps) or (
            self.max_minutes is not None and seconds >= 60 * self.max_minutes
        )
