"""A conditional density: a base distribution and a bijection.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.autocast import full_precision
from transflower.nn.flows.base_distributions import BaseDistribution
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.noise import Noise
from transflower.nn.state import State


class Flow(nn.Module):
    """Density and samples of frames of ``shape``.

    Example:
        >>> from transflower.nn.flows.conditioners import ConditionerConfig
        >>> from transflower.nn.flows.config import FlowConfig
        >>> from transflower.nn.noise import NoiseSource
        >>> mlp = ConditionerConfig.registry["mlp"](width=8, blocks=1)
        >>> flow = FlowConfig(num_steps=2, conditioner=mlp).build(
        ...     FlowShape(dim=4, length=1, context_dim=3, context_length=1)
        ... )
        >>> context = torch.zeros(2, 5, 1, 3)
        >>> flow.initialise(torch.randn(2, 5, 1, 4), context)
        >>> sample, _ = flow.sample((2, 5), context, noise=NoiseSource(0, 2))
        >>> tuple(sample.shape)
        (2, 5, 1, 4)
    """

    def __init__(self, bijection: Bijection, base: BaseDistribution, shape: FlowShape) -> None:
        super().__init__()
        self.bijection = bijection
        self.base = base
        self.shape = shape

    def log_prob(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P"], State]:
        """Log density in nats, summed over the frames and channels of a position."""
        z, log_det, state = self.bijection(x, context, state)
        return self.base.log_prob(z, context) + log_det, state

    def sample(
        self,
        positions: tuple[int, int],
        context: Float[Tensor, "B P K C"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Draw frames for ``positions = (B, P)``."""
        z = self._latents(positions, context, noise, temperature)
        return self.bijection.invert(z, context, state)

    def sample_with_log_prob(
        self,
        positions: tuple[int, int],
        context: Float[Tensor, "B P K C"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Draw frames, and their log density under the model, which is that of temperature 1."""
        z = self._latents(positions, context, noise, temperature)
        x, log_det, state = self.bijection.inverse(z, context, state)
        return x, self.base.log_prob(z, context) - log_det, state

    @torch.no_grad()
    def initialise(self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None) -> None:
        """Set all data-dependent layers, first to last, from one batch, in full precision."""
        with full_precision(x):
            like = self._like()
            self.bijection.initialise(x.to(like), None if context is None else context.to(like))

    def init_state(self, batch_size: int) -> State:
        """The state before the first position; None where no part has one."""
        return self.bijection.init_state(batch_size)

    def _latents(
        self, positions: tuple[int, int], context: Tensor | None, noise: Noise, temperature: float
    ) -> Float[Tensor, "B P N D"]:
        shape = (*positions, self.shape.length, self.shape.dim)
        return self.base.sample(shape, context, noise=noise, temperature=temperature, like=self._like())

    def _like(self) -> Tensor:
        """A tensor of the flow's own dtype and device."""
        return next(iter(self.parameters()))
