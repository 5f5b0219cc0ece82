"""Schedules of the learning rate, chosen by ``type``: pure functions, so that a resumed run continues exactly."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Natural, NonNegative
from transflower.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig(ABC):
    """How the learning rate changes in the course of training."""

    registry: ClassVar[Registry["ScheduleConfig"]] = Registry("schedule")
    needs_end: ClassVar[bool] = False
    """Whether it must know when training ends."""

    warmup_steps: int = 100
    """Steps in which the learning rate grows from zero."""

    def __post_init__(self) -> None:
        if self.warmup_steps < 0:
            raise OptionsError(f"warmup_steps must not be negative, got {self.warmup_steps}")

    def share(self, step: int, *, progress: float, scores: Sequence[float] = ()) -> float:
        """Share of the full learning rate.

        Args:
            step: steps done.
            progress: share of the training done, from 0 to 1; 0 where its end is not known.
            scores: of all validations so far, lower is better.
        """
        return min(1.0, (step + 1) / (self.warmup_steps + 1)) * self._shape(step, progress, scores)

    @abstractmethod
    def _shape(self, step: int, progress: float, scores: Sequence[float]) -> float: ...


@ScheduleConfig.registry.register("constant")
@dataclass(frozen=True, kw_only=True)
class ConstantConfig(ScheduleConfig):
    """The same learning rate throughout."""

    def _shape(self, step: int, progress: float, scores: Sequence[float]) -> float:
        return 1.0


@ScheduleConfig.registry.register("cosine")
@dataclass(frozen=True, kw_only=True)
class CosineConfig(ScheduleConfig):
    """Falls along half a cosine until the end of the training."""

    needs_end: ClassVar[bool] = True

    final: float = 0.0
    """Share of the learning rate that is left at the end."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.final <= 1:
            raise OptionsError(f"final must be a share from 0 to 1, got {self.final}")

    def _shape(self, step: int, progress: float, scores: Sequence[float]) -> float:
        return self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


@ScheduleConfig.registry.register("multistep")
@dataclass(frozen=True, kw_only=True)
class MultistepConfig(ScheduleConfig):
    """Falls at given steps."""

    milestones: tuple[Natural, ...]
    """Steps at which the learning rate is multiplied by `factor`."""
    factor: float = 0.1
    """What is left of it each time."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.factor < 1:
            raise OptionsError(f"factor must be a share between 0 and 1, got {self.factor}")

    def _shape(self, step: int, progress: float, scores: Sequence[float]) -> float:
        return self.factor ** sum(step >= milestone for milestone in self.milestones)


@ScheduleConfig.registry.register("plateau")
@dataclass(frozen=True, kw_only=True)
class PlateauConfig(ScheduleConfig):
    """Falls whenever validation has stopped getting better."""

    patience: int = 5
    """Validations without improvement after which the learning rate is multiplied by `factor`."""
    factor: float = 0.5
    """What is left of it each time."""
    threshold: NonNegative = 1e-3
    """Least improvement of the score that counts."""
    least: NonNegative = 1e-3
    """Share of the learning rate below which it does not fall."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.patience < 1 or not 0 < self.factor < 1:
            raise OptionsError("patience must be at least 1 validation, and factor a share between 0 and 1")

    def _shape(self, step: int, progress: float, scores: Sequence[float]) -> float:
        best, waited, share = math.inf, 0, 1.0
        for score in scores:
            waited += 1
            if score < best - self.threshold:
                best, waited = score, 0
            elif waited >= self.patience:
                waited, share = 0, share * self.factor
        return max(share, self.least)
