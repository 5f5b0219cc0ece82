"""What came of a run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Result:
    """Where a run stands."""

    folder: Path
    """The run: `best/`, `last/`, and what it continues from."""
    is_finished: bool
    """Whether it reached its end; otherwise it was stopped and can be continued."""
    steps: int
    """Steps of the optimiser."""
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

    @classmethod
    def of(cls, folder: Path, step: int, run: Mapping[str, Any], *, is_finished: bool) -> "Result":
        """From what a run remembers."""
        clock, validation = run["clock"], run["validation"]
        return cls(
            folder=folder,
            is_finished=is_finished,
            steps=step,
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
