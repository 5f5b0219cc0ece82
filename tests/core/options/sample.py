"""Options of an imaginary training, with everything that options may hold."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from transflower.core.errors import OptionsError
from transflower.core.options import parse
from transflower.core.registry import Registry

HEADS: Registry["HeadConfig"] = Registry("head")
COUPLINGS: Registry["CouplingConfig"] = Registry("coupling")


@dataclass(frozen=True, kw_only=True)
class CouplingConfig:
    """How one half of the channels moves the other."""

    registry: ClassVar[Registry["CouplingConfig"]] = COUPLINGS


@COUPLINGS.register("affine")
@dataclass(frozen=True, kw_only=True)
class AffineConfig(CouplingConfig):
    """Scale and shift."""

    max_scale: float = 2.0
    """Largest factor."""


@COUPLINGS.register("spline")
@dataclass(frozen=True, kw_only=True)
class SplineConfig(CouplingConfig):
    """Monotonic splines."""

    bins: int = 8
    """Pieces of the spline."""


@dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """A distribution."""

    registry: ClassVar[Registry["HeadConfig"]] = HEADS


@HEADS.register("flow")
@dataclass(frozen=True, kw_only=True)
class FlowConfig(HeadConfig):
    """Normalizing flow over the next poses."""

    num_steps: int = 16
    """Number of steps."""
    norm: Literal["act", "batch", "none"] = "act"
    """Normalisation at the start
    of each step."""
    coupling: CouplingConfig = field(default_factory=AffineConfig)
    """Transform of each step."""

    def __post_init__(self) -> None:
        if self.num_steps < 1:
            raise ValueError(f"num_steps must be at least 1, got {self.num_steps}")


@HEADS.register("deterministic")
@dataclass(frozen=True, kw_only=True)
class DeterministicConfig(HeadConfig):
    """The mean alone."""

    loss: str = "mse"
    """Distance to the data."""


@dataclass(frozen=True, kw_only=True)
class InputConfig:
    """A modality that the model sees."""

    length: int
    """Frames."""
    offset: int = 0
    """First frame."""
    names: dict[str, str] = field(default_factory=dict)
    """Other names."""


@dataclass(frozen=True, kw_only=True)
class BlockConfig:
    """One of several layers."""

    width: int = 8
    """Channels."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """A model."""

    inputs: dict[str, InputConfig] = field(default_factory=dict)
    """What the model sees."""
    head: HeadConfig = field(default_factory=lambda: FlowConfig(num_steps=4))
    """Distribution of the next poses."""
    blocks: tuple[BlockConfig, ...] = (BlockConfig(), BlockConfig(width=4))
    """Layers, first to last."""

    def __post_init__(self) -> None:
        if len(self.inputs) > 3:
            raise OptionsError("at most three inputs")


@dataclass(frozen=True, kw_only=True)
class EmaConfig:
    """Moving average of the weights."""

    decay: float = 0.999
    """Share that is kept each step."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Train a model."""

    folder: Path
    """Where the data is."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """What is trained."""
    ema: EmaConfig | None = None
    """Average that is kept."""
    rate: float = 1e-4
    """Learning rate."""
    seed: int | None = None
    """Seed of everything."""
    title: str = "run"
    """Name of the run."""
    betas: tuple[float, float] = (0.9, 0.999)
    """Memory of the optimiser."""
    steps: list[int] = field(default_factory=list)
    """When the rate falls."""
    resume: bool = False
    """Go on where the last run stopped."""
    precision: Literal[16, 32] | Literal["auto"] = "auto"
    """Bits of a number."""


def given(line: str, **more: Any) -> TrainConfig:
    """What a command line says."""
    return parse(TrainConfig, shlex.split(line), positional=["folder"], **more)
