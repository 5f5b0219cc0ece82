"""Latents that are one of several things, depending on the context: a choice that all channels make together.

A flow bends one normal distribution, and does so smoothly. Where a dancer may go on with any of a dozen moves, it draws
what lies between them. Here a component is drawn first (mixture density networks: Bishop, 1994).

Shape letters: B batch, P positions, N frames, D channels, M components, K context tokens, C context channels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.nn.flows.base.base import BaseConfig, BaseDistribution
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.noise import Noise

_COLDEST = 1e-3
"""Below this temperature the likeliest component is taken."""
_START = 0.3
"""Standard deviation of the components' means before training: they must differ to learn to differ."""


@BaseConfig.registry.register("gaussian_mixture")
@dataclass(frozen=True, kw_only=True)
class GaussianMixtureConfig(BaseConfig):
    """Normals of variance 1 about means that depend on the context."""

    components: int = 16
    """Normals, of which one is drawn for each position."""

    def __post_init__(self) -> None:
        if self.components < 2:
            raise OptionsError(f"a mixture needs at least 2 components, got {self.components}")

    def build(self, shape: FlowShape) -> BaseDistribution:
        """The distribution."""
        return GaussianMixture(self.components, shape)


class GaussianMixture(BaseDistribution):
    """All frames and channels of a position belong to the same component."""

    def __init__(self, components: int, shape: FlowShape) -> None:
        super().__init__()
        self.components = components
        self.size = (shape.length, shape.dim)
        context_dim = shape.context_length * shape.context_dim or 1
        self.means = nn.Linear(context_dim, components * shape.length * shape.dim)
        self.logits = nn.Linear(context_dim, components)
        nn.init.zeros_(self.logits.weight)
        nn.init.zeros_(self.logits.bias)
        nn.init.normal_(self.means.bias, std=_START)

    def log_prob(self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None) -> Float[Tensor, "B P"]:
        """Log density in nats, summed over frames and channels."""
        means, logits = self._components(z.shape[:2], context, z)
        squares = (z.unsqueeze(2) - means).square().sum(dim=(-2, -1))
        constant = -0.5 * z[0, 0].numel() * math.log(2 * math.pi)
        return constant + (logits.log_softmax(-1) - 0.5 * squares).logsumexp(-1)

    def sample(
        self,
        shape: Sequence[int],
        context: Float[Tensor, "B P K C"] | None,
        *,
        noise: Noise,
        temperature: float,
        like: Tensor,
    ) -> Float[Tensor, "B P N D"]:
        """One component, and normals of standard deviation ``temperature`` about its mean."""
        means, logits = self._components(shape[:2], context, like)
        cumulated = (logits / max(temperature, _COLDEST)).softmax(-1).cumsum(-1)
        drawn = (noise.uniform((*shape[:2], 1), like=like) > cumulated[..., :-1]).sum(-1)
        mean = torch.take_along_dim(means, drawn[..., None, None, None], dim=2).squeeze(2)
        return mean + temperature * noise.normal(shape, like=like)

    def _components(
        self, positions: Sequence[int], context: Tensor | None, like: Tensor
    ) -> tuple[Float[Tensor, "B P M N D"], Float[Tensor, "B P M"]]:
        given = like.new_ones(*positions, 1) if context is None else context.flatten(2)
        return self.means(given).unflatten(-1, (self.components, *self.size)), self.logits(given)
