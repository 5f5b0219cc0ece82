"""A normalizing flow over the next frames: exact likelihood and samples.

Shape letters: B batch, P positions, N frames of one prediction, D channels, K context tokens, C context channels.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.core.spans import StreamSpec
from transflower.models.heads.base import Head, HeadConfig
from transflower.models.heads.readout import Readout
from transflower.models.heads.target import TargetKind, TargetSpace, check_leak, check_target
from transflower.nn.flows import Flow, FlowConfig, FlowShape
from transflower.nn.noise import Noise
from transflower.nn.state import State


@HeadConfig.registry.register("flow")
@dataclass(frozen=True, kw_only=True)
class FlowHeadConfig(HeadConfig):
    """A normalizing flow, with exact likelihood."""

    flow: FlowConfig = field(default_factory=FlowConfig)
    """The flow's steps and parts."""
    target: TargetKind = "frame"
    """Model the frames themselves, or their change from the last frame."""
    leak: float = 0.0
    """Target `change` only: the change is counted from the last frame, drawn by this share to the mean, so that free
    running stays within bounds."""
    mean: Literal["none", "linear", "mlp"] = "none"
    """A prediction read off the context, around which the flow models what is left."""
    clamp_change: float = 10.0
    """Training only: changes are clamped at this multiple of their root mean square, so that a spike costs little."""

    def __post_init__(self) -> None:
        check_leak(self.leak)
        if not self.clamp_change > 0:
            raise OptionsError(f"clamp_change must be above 0, got {self.clamp_change}")

    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        """The head."""
        check_target(target, self.target, has_previous=has_previous)
        context, output = (context_length, context_dim), (length, target.dim)
        shape = FlowShape(dim=target.dim, length=length, context_dim=context_dim, context_length=context_length)
        return FlowHead(
            self.flow.build(shape),
            TargetSpace(self.target, length=length, dim=target.dim, leak=self.leak),
            Readout(self.mean, context=context, output=output) if self.mean != "none" else None,
            clamp_change=self.clamp_change,
        )


class FlowHead(Head):
    """The density of ``flow`` over what ``space`` makes of the frames, around ``mean`` where there is one.

    Densities are always those of the standardised frames: rescaling a change counts.
    """

    def __init__(self, flow: Flow, space: TargetSpace, mean: Readout | None, *, clamp_change: float) -> None:
        super().__init__()
        self.flow = flow
        self.space = space
        self.mean = mean
        self.clamp_change = clamp_change

    def loss(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
    ) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
        """Negative log-likelihood in nats per dimension.

        Logged as ``nll``; in training, ``clamped`` is the share of changes that were clamped.
        """
        modelled = self.space.encode(target, previous)
        figures: dict[str, Tensor] = {}
        if self.training and self.space.kind == "change":
            figures["clamped"] = (modelled.abs() > self.clamp_change).to(modelled.dtype).mean()
            modelled = modelled.clamp(-self.clamp_change, self.clamp_change)
        log_prob, _ = self._log_prob(modelled, context, None)
        nll = -log_prob.mean() / target[0, 0].numel()
        return nll, {"nll": nll.detach(), **figures}

    def log_prob(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
    ) -> tuple[Float[Tensor, "B P"], State]:
        """Log density of the standardised target in nats, summed over the frames and channels of a position."""
        return self._log_prob(self.space.encode(target, previous), context, state)

    def sample(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Draw the frames of every position."""
        frames, _, state = self.sample_with_log_prob(context, previous, state, noise=noise, temperature=temperature)
        return frames, state

    def sample_with_log_prob(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Draw frames, and the log density that ``log_prob`` gives them, whatever the temperature."""
        batch, positions = context.shape[:2]
        drawn, log_prob, state = self.flow.sample_with_log_prob(
            (batch, positions), context, state, noise=noise, temperature=temperature
        )
        if self.mean is not None:
            drawn = drawn + self.mean(context)
        return self.space.decode(drawn, previous), log_prob + self.space.log_det(), state

    def init_state(self, batch_size: int) -> State:
        """What recurrent couplings start from."""
        return self.flow.init_state(batch_size)

    @torch.no_grad()
    def initialise(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
    ) -> None:
        """Set the scale of changes and the flow's data-dependent layers."""
        self.space.initialise(target, previous)
        modelled = self.space.encode(target, previous)
        if self.space.kind == "change":
            modelled = modelled.clamp(-self.clamp_change, self.clamp_change)
        self.flow.initialise(self._around_mean(modelled, context), context)

    def _log_prob(self, modelled: Tensor, context: Tensor, state: State) -> tuple[Tensor, State]:
        log_prob, state = self.flow.log_prob(self._around_mean(modelled, context), context, state)
        return log_prob + self.space.log_det(), state

    def _around_mean(self, modelled: Tensor, context: Tensor) -> Tensor:
        return modelled if self.mean is None else modelled - self.mean(context)
