"""Options of a flow, and how its parts are put together."""

from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.base_distributions import BaseConfig, GaussianConfig
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.composition import Composition
from transflower.nn.flows.conditioners import ConditionerConfig, TransformerConditionerConfig
from transflower.nn.flows.coupling import build_coupling, build_time_coupling
from transflower.nn.flows.flow import Flow
from transflower.nn.flows.latent_ar import build_latent_ar
from transflower.nn.flows.linears import LinearConfig, LULinearConfig
from transflower.nn.flows.multiscale import CoarseScale, coarse_shape
from transflower.nn.flows.norms import ActNormConfig, NormConfig
from transflower.nn.flows.transforms import AffineConfig, TransformConfig


@dataclass(frozen=True, kw_only=True)
class FlowConfig:
    """Steps of norm, linear map and coupling, and the distribution of the latents.

    Example:
        >>> import torch
        >>> from transflower.nn.flows.conditioners import ConditionerConfig
        >>> mlp = ConditionerConfig.registry["mlp"](width=8, blocks=1)
        >>> flow = FlowConfig(num_steps=2, conditioner=mlp).build(
        ...     FlowShape(dim=4, length=1, context_dim=3, context_length=1)
        ... )
        >>> x, context = torch.randn(5, 2, 1, 4), torch.randn(5, 2, 1, 3)
        >>> flow.initialise(x, context)
        >>> log_prob, state = flow.log_prob(x, context)
        >>> tuple(log_prob.shape)
        (5, 2)
    """

    num_steps: Depth = 8
    """Steps on the frames themselves."""
    num_time_couplings: Depth = 0
    """Further steps of every scale, whose couplings transform every other frame instead of half of the channels: for
    two or more frames a prediction."""
    coarse_steps: tuple[Depth, ...] = ()
    """Steps of each coarser scale, on half as many frames of twice the channels; N must be even for each."""
    transformed_half: Literal["first", "last"] = "first"
    """Half of the channels that couplings transform: the first as published with Flow++, the last as in MoGlow."""
    norm: NormConfig = field(default_factory=ActNormConfig)
    """Normalisation at the start of each step."""
    linear: LinearConfig = field(default_factory=LULinearConfig)
    """Linear map of the channels before each coupling."""
    transform: TransformConfig = field(default_factory=AffineConfig)
    """What a coupling does to the channels that it transforms."""
    conditioner: ConditionerConfig = field(default_factory=TransformerConditionerConfig)
    """The network that predicts a coupling's parameters."""
    latent_ar: Depth = 0
    """Order of an autoregressive model of the latents over positions; 0 for independent latents. With noise on the
    history, latents of successive positions stay correlated; this models their correlation."""
    base: BaseConfig = field(default_factory=GaussianConfig)
    """Distribution of the latents."""

    def __post_init__(self) -> None:
        if self.num_steps < 1 or any(steps < 1 for steps in self.coarse_steps):
            raise OptionsError(
                f"each scale of a flow needs at least 1 step, got {[self.num_steps, *self.coarse_steps]}"
            )
        for name in ("num_time_couplings", "latent_ar"):
            if getattr(self, name) < 0:
                raise OptionsError(f"{name} must not be negative, got {getattr(self, name)}")

    def build(self, shape: FlowShape) -> Flow:
        """A flow for frames of ``shape``.

        Raises:
            ModelError: the parts cannot work with this shape.
        """
        steps = self._steps(shape, (self.num_steps, *self.coarse_steps))
        if self.latent_ar:
            steps.append(build_latent_ar(shape, self.latent_ar))
        return Flow(Composition(steps), self.base.build(shape), shape)

    def _steps(self, shape: FlowShape, num_steps: tuple[int, ...]) -> list[Bijection]:
        couple = partial(
            build_coupling, shape, self.transform, self.conditioner, transformed_half=self.transformed_half
        )
        couple_in_time = partial(build_time_coupling, shape, self.transform, self.conditioner)
        steps: list[Bijection] = []
        for _ in range(num_steps[0]):
            steps += [*self._norm_and_linear(shape), couple()]
        for step in range(self.num_time_couplings):
            steps += [*self._norm_and_linear(shape), couple_in_time(parity=step % 2)]
        if len(num_steps) > 1:
            steps.append(CoarseScale(Composition(self._steps(coarse_shape(shape), num_steps[1:]))))
        return steps

    def _norm_and_linear(self, shape: FlowShape) -> list[Bijection]:
        return [self.norm.build(shape.dim), self.linear.build(shape.dim)]
