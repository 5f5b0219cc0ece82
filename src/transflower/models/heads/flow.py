"""A normalizing flow over the next frames: exact likelihood and samples.

Shape letters: B batch, P positions, N frames of one prediction, D channels, K context tokens, C context channels.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.core.spans import StreamSpec
from transflower.models.heads.base import Head, HeadConfig
from transflower.models.heads.mean import BY_LIKELIHOOD, MeanKind, MeanLoss, MeanTeaching, check_mean
from transflower.models.heads.outliers import Outliers, check_outliers
from transflower.models.heads.readout import Readout
from transflower.models.heads.sampling_options import HeadSamplingOptions
from transflower.models.heads.target import TargetConfig, TargetSpace
from transflower.nn.flows import Flow, FlowConfig, FlowShape
from transflower.nn.flows.latent_ar import LatentAR
from transflower.nn.noise import Noise
from transflower.nn.state import State


@HeadConfig.registry.register("flow")
@dataclass(frozen=True, kw_only=True)
class FlowHeadConfig(TargetConfig):
    """A normalizing flow, with exact likelihood."""

    flow: FlowConfig = field(default_factory=FlowConfig)
    """The flow's steps and parts."""
    mean: MeanKind = "none"
    """A prediction read off the context, around which the flow models what is left."""
    mean_loss: MeanLoss = "none"
    """What teaches the mean beside the likelihood: nothing, its squared error (`sum`), or that the more, the larger it
    is (`blend`)."""
    detach_mean: bool = False
    """The likelihood leaves the mean alone: it learns from its squared error only."""
    outliers: float = 0.0
    """Prior probability that a position is a fault of the capture. Such frames cost little and teach nothing; they are
    never drawn. 0 trusts every frame."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_outliers(self.outliers)
        check_mean(self.mean, self._teaching)

    @property
    def _teaching(self) -> MeanTeaching:
        return MeanTeaching(self.mean_loss, self.detach_mean)

    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        """The head."""
        space = self.build_space(target, length=length, has_previous=has_previous)
        context, output = (context_length, context_dim), (length, target.dim)
        shape = FlowShape(dim=target.dim, length=length, context_dim=context_dim, context_length=context_length)
        return FlowHead(
            self.flow.build(shape),
            space,
            Readout(self.mean, context=context, output=output) if self.mean != "none" else None,
            outliers=Outliers(self.outliers),
            teaching=self._teaching,
        )


class FlowHead(Head):
    """The density of ``flow`` over what ``space`` makes of the frames, around ``mean`` where there is one.

    Densities are always those of the standardised frames: rescaling a change counts. They are those of the mixture
    with ``outliers``, of samples too; but samples are drawn from the flow alone: faults of the capture are not drawn.

    Example:
        >>> from transflower.nn.noise import NoiseSource
        >>> config = FlowHeadConfig(flow=FlowConfig(num_steps=1))
        >>> head = config.build(target=StreamSpec(dim=2), length=1, context_dim=4, context_length=1)
        >>> target, context = torch.randn(8, 3, 1, 2), torch.randn(8, 3, 1, 4)
        >>> head.initialise(target, context, None)
        >>> head.sample(context, None, noise=NoiseSource(seed=0, rows=8))[0].shape
        torch.Size([8, 3, 1, 2])
        >>> head.log_prob(target, context, None)[0].shape  # nats of each position
        torch.Size([8, 3])
    """

    def __init__(
        self,
        flow: Flow,
        space: TargetSpace,
        mean: Readout | None,
        *,
        outliers: Outliers,
        teaching: MeanTeaching = BY_LIKELIHOOD,
    ) -> None:
        super().__init__()
        self.flow = flow
        self.space = space
        self.mean = mean
        self.teaching = teaching
        self.outliers = outliers

    def loss(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        *,
        noise: Noise,
    ) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
        """Negative log-likelihood in nats per dimension, and with it the error of a mean that learns from its own.

        Logged as ``nll``; ``mse`` is that error, of what is modelled; ``outliers`` is the share of positions that were
        taken for outliers.
        """
        modelled = self.space.encode(target, previous)
        mean = self._mean(context)
        log_prob, _ = self._log_prob_of(modelled, mean, context, None)
        nll = -(log_prob + self.space.log_det()).mean() / target[0, 0].numel()
        metrics = {"nll": nll.detach()}
        if self.outliers.share:
            metrics["outliers"] = self.outliers.responsibility(log_prob.detach(), modelled).mean()
        if mean is None or self.teaching.loss == "none":
            return nll, metrics
        squared_error = (modelled - mean).square().mean()
        metrics["mse"] = squared_error.detach()
        return self.teaching.weigh(nll, squared_error, dim=target.shape[-1]), metrics

    def sample(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
        options: HeadSamplingOptions | None = None,
        null_context: Float[Tensor, "B P K C"] | None = None,
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Draw the frames of every position from the flow."""
        drawn, state = self.flow.sample(_positions(context), context, state, noise=noise, temperature=temperature)
        return self.space.decode(self._around_mean(drawn, context), previous), state

    def sample_with_log_prob(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Draw frames of the flow, and the log density that ``log_prob`` gives them, whatever the temperature."""
        drawn, log_prob, state = self.flow.sample_with_log_prob(
            _positions(context), context, state, noise=noise, temperature=temperature
        )
        drawn = self._around_mean(drawn, context)
        log_prob = self.outliers.mix(log_prob, drawn) + self.space.log_det()
        return self.space.decode(drawn, previous), log_prob, state

    def latents(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """The latents from which the flow draws ``target``; where the model is right, they are those of its base."""
        residual = self.teaching.residual(self.space.encode(target, previous), self._mean(context))
        latents, _, state = self.flow.bijection(residual, context, state)
        return latents, state

    def init_state(self, batch_size: int) -> State:
        """What recurrent couplings start from."""
        return self.flow.init_state(batch_size)

    @property
    def state_positions(self) -> int | None:
        """The order of autoregressive latents; of recurrent parts it is not known."""
        state = self.init_state(1)
        orders = [part.order for part in self.flow.modules() if isinstance(part, LatentAR)]
        return sum(orders) if len(orders) == len(state or {}) else None

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
        self.flow.initialise(self.teaching.residual(modelled, self._mean(context)), context)

    def _log_density(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State,
    ) -> tuple[Float[Tensor, "B P"], State]:
        """Log density of the standardised target in nats, summed over the frames and channels of a position."""
        modelled = self.space.encode(target, previous)
        log_prob, state = self._log_prob_of(modelled, self._mean(context), context, state)
        return log_prob + self.space.log_det(), state

    def _log_prob_of(
        self, modelled: Tensor, mean: Tensor | None, context: Tensor, state: State
    ) -> tuple[Tensor, State]:
        """Of what is modelled, outliers included."""
        log_prob, state = self.flow.log_prob(self.teaching.residual(modelled, mean), context, state)
        return self.outliers.mix(log_prob, modelled), state

    def _around_mean(self, drawn: Tensor, context: Tensor) -> Tensor:
        """What is modelled, of what the flow drew."""
        mean = self._mean(context)
        return drawn if mean is None else drawn + mean

    def _mean(self, context: Tensor) -> Tensor | None:
        return None if self.mean is None else self.mean(context)


def _positions(context: Tensor) -> tuple[int, int]:
    batch, positions = context.shape[:2]
    return batch, positions
