"""Options of a flow, and how its parts are put together."""

from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.autoregression import build_autoregression
from transflower.nn.flows.base import BaseConfig, GaussianConfig
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.coarser import CoarserScale, coarser_shape
from transflower.nn.flows.conditioners import ConditionerConfig, TransformerConditionerConfig
from transflower.nn.flows.coupling import build_coupling
from transflower.nn.flows.flow import Flow
from transflower.nn.flows.frame_coupling import build_frame_coupling
from transflower.nn.flows.linears import LinearConfig, LULinearConfig
from transflower.nn.flows.norms import ActNormConfig, NormConfig
from transflower.nn.flows.sequence import Sequence
from transflower.nn.flows.transforms import AffineConfig, TransformConfig


@dataclass(frozen=True, kw_only=True)
class FlowConfig:
    """Steps of norm, linear mixture and coupling, and the distribution of the latents."""

    num_steps: Depth = 8
    """Steps on the frames themselves."""
    frame_steps: Depth = 0
    """Further steps of every scale, whose couplings change every other frame instead of half of the channels: for
    two or more frames a prediction."""
    coarser: tuple[Depth, ...] = ()
    """Steps of each further scale, on half as many frames of twice the channels; N must be even for each."""
    changed_half: Literal["first", "last"] = "first"
    """Which half of the channels couplings change: the first as published with Flow++, the last as in MoGlow."""
    norm: NormConfig = field(default_factory=ActNormConfig)
    """Normalisation at the start of each step."""
    linear: LinearConfig = field(default_factory=LULinearConfig)
    """Mixture of channels before each coupling."""
    transform: TransformConfig = field(default_factory=AffineConfig)
    """What a coupling does to the channels that it changes."""
    conditioner: ConditionerConfig = field(default_factory=TransformerConditionerConfig)
    """The network that predicts a coupling's parameters."""
    memory: Depth = 0
    """Positions whose latents foretell the next one's: where the history is noised in training, what a network cannot
    see of its last surprise."""
    base: BaseConfig = field(default_factory=GaussianConfig)
    """Distribution of the latents."""

    def __post_init__(self) -> None:
        if self.num_steps < 1 or any(steps < 1 for steps in self.coarser):
            raise OptionsError(f"each scale of a flow needs at least 1 step, got {[self.num_steps, *self.coarser]}")
        if self.frame_steps < 0:
            raise OptionsError(f"frame_steps must not be negative, got {self.frame_steps}")
        if self.memory < 0:
            raise OptionsError(f"the memory of a flow must not be negative, got {self.memory}")

    def build(self, shape: FlowShape) -> Flow:
        """A flow for frames of ``shape``.

        Raises:
            ModelError: the parts cannot work with this shape.
        """
        steps = self._steps(shape, (self.num_steps, *self.coarser))
        if self.memory:
            steps.append(build_autoregression(shape, self.memory))
        return Flow(Sequence(steps), self.base.build(shape), shape)

    def _steps(self, shape: FlowShape, steps: tuple[int, ...]) -> list[Bijection]:
        couple = partial(build_coupling, shape, self.transform, self.conditioner, changed_half=self.changed_half)
        couple_frames = partial(build_frame_coupling, shape, self.transform, self.conditioner)
        here: list[Bijection] = []
        for _ in range(steps[0]):
            here += [*self._mixture(shape), couple()]
        for step in range(self.frame_steps):
            here += [*self._mixture(shape), couple_frames(parity=step % 2)]
        if len(steps) > 1:
            here.append(CoarserScale(Sequence(self._steps(coarser_shape(shape), steps[1:]))))
        return here

    def _mixture(self, shape: FlowShape) -> list[Bijection]:
        return [self.norm.build(shape.dim), self.linear.build(shape.dim)]
