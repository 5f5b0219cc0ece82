"""Student-t latents: heavy tails, so that a spike in the data costs little.

Shape letters: B batch, P positions, N frames, D channels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.special import gammaincinv
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.nn.flows.base.base import BaseConfig, BaseDistribution
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.noise import Noise

_SMALLEST_UNIFORM = 2.0**-25  # half a step of float32 uniforms: 0 would be an infinite frame


@BaseConfig.registry.register("student_t")
@dataclass(frozen=True, kw_only=True)
class StudentTConfig(BaseConfig):
    """Multivariate Student-t latents for each frame."""

    df: float = 50.0
    """Degrees of freedom: smaller means heavier tails."""

    def __post_init__(self) -> None:
        if not self.df > 0:
            raise OptionsError(f"df must be above 0, got {self.df}")

    def build(self, shape: FlowShape) -> BaseDistribution:
        """The distribution."""
        return StudentT(self.df)


class StudentT(BaseDistribution):
    """Frames are independent; the channels of a frame share one chi-square."""

    asks_host = True  # for the chi-squares

    def __init__(self, df: float) -> None:
        super().__init__()
        self.df = df

    def log_prob(self, z: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P"]:
        """Log density in nats, summed over frames and channels."""
        half_df, half_dim = self.df / 2, z.shape[-1] / 2
        constant = math.lgamma(half_df + half_dim) - math.lgamma(half_df) - half_dim * math.log(math.pi * self.df)
        tails = torch.log1p(z.square().sum(-1) / self.df)
        return (constant - (half_df + half_dim) * tails).sum(-1)

    def sample(
        self, shape: Sequence[int], context: Tensor | None, *, noise: Noise, temperature: float, like: Tensor
    ) -> Float[Tensor, "B P N D"]:
        """Normals of standard deviation ``temperature`` over sqrt(chi-square / df): one chi-square a frame."""
        normals = noise.normal(shape, like=like)
        # By the inverse distribution function, one uniform makes one chi-square: always the same number of draws.
        uniforms = noise.uniform((*shape[:-1], 1), like=like).cpu().double().clamp_min(_SMALLEST_UNIFORM)
        mean_square = torch.from_numpy(gammaincinv(self.df / 2, uniforms.numpy())) / (self.df / 2)
        return temperature * normals / mean_square.sqrt().to(normals.dtype).to(normals.device)
