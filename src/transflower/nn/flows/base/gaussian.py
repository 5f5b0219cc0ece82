"""Standard normal latents.

Shape letters: B batch, P positions, N frames, D channels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.base.base import BaseConfig, BaseDistribution
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.noise import Noise


@BaseConfig.registry.register("gaussian")
@dataclass(frozen=True, kw_only=True)
class GaussianConfig(BaseConfig):
    """Standard normal latents."""

    def build(self, shape: FlowShape) -> BaseDistribution:
        """The distribution."""
        return Gaussian()


class Gaussian(BaseDistribution):
    """Independent standard normals."""

    def log_prob(self, z: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P"]:
        """Log density in nats, summed over frames and channels."""
        return -0.5 * (z.square() + math.log(2 * math.pi)).sum(dim=(-2, -1))

    def sample(
        self, shape: Sequence[int], context: Tensor | None, *, noise: Noise, temperature: float, like: Tensor
    ) -> Float[Tensor, "B P N D"]:
        """Normals of standard deviation ``temperature``."""
        return temperature * noise.normal(shape, like=like)
