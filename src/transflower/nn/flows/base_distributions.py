"""Distributions of the latents.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import scipy  # scipy.special is imported when it is first used
import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.core.registry import Registry
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.noise import Noise

_SMALLEST_UNIFORM = 2.0**-25
"""Half a step of float32 uniforms: 0 would be an infinite frame."""


class BaseDistribution(nn.Module, ABC):
    """The distribution of the latents of a position."""

    @abstractmethod
    def log_prob(self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None) -> Float[Tensor, "B P"]:
        """Log density in nats, summed over frames and channels."""

    @abstractmethod
    def sample(
        self,
        shape: Sequence[int],
        context: Float[Tensor, "B P K C"] | None,
        *,
        noise: Noise,
        temperature: float,
        like: Tensor,
    ) -> Float[Tensor, "B P N D"]:
        """Draw latents of ``shape``, their spread scaled by the temperature."""

    @abstractmethod
    def cdf(self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None) -> Float[Tensor, "B P N D"]:
        """Distribution function of each channel by itself: uniform for latents that have this distribution."""


@dataclass(frozen=True, kw_only=True)
class BaseConfig(ABC):
    """Which distribution the latents have."""

    registry: ClassVar[Registry["BaseConfig"]] = Registry("flow base")

    @abstractmethod
    def build(self, shape: FlowShape) -> BaseDistribution:
        """The distribution."""


@BaseConfig.registry.register("gaussian")
@dataclass(frozen=True, kw_only=True)
class GaussianConfig(BaseConfig):
    """Standard normal latents."""

    def build(self, shape: FlowShape) -> BaseDistribution:
        """The distribution."""
        return Gaussian()


class Gaussian(BaseDistribution):
    """Independent standard normals.

    Example:
        >>> from transflower.nn.noise import NoiseSource
        >>> base = Gaussian()
        >>> round(base.log_prob(torch.zeros(1, 1, 1, 2), None).item(), 4)  # -log(2 pi)
        -1.8379
        >>> noise, like = NoiseSource(seed=0, rows=2), torch.zeros(1)
        >>> base.sample((2, 1, 1, 3), None, noise=noise, temperature=0.0, like=like).abs().max().item()
        0.0
    """

    def log_prob(self, z: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P"]:
        """Log density in nats, summed over frames and channels."""
        return -0.5 * (z.square() + math.log(2 * math.pi)).sum(dim=(-2, -1))

    def sample(
        self, shape: Sequence[int], context: Tensor | None, *, noise: Noise, temperature: float, like: Tensor
    ) -> Float[Tensor, "B P N D"]:
        """Normals of standard deviation ``temperature``."""
        return temperature * noise.normal(shape, like=like)

    def cdf(self, z: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P N D"]:
        """That of the standard normal."""
        return torch.special.ndtr(z)


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
    """Multivariate Student-t: frames are independent, the channels of a frame share one chi-square.

    Simon Alexanderson and Gustav Eje Henter, "Robust model training and generalisation with Studentising flows", 2020.

    Example:
        >>> far = torch.full((1, 1, 1, 2), 20.0)
        >>> [round(base.log_prob(far, None).item()) for base in (Gaussian(), StudentT(df=5.0))]
        [-402, -20]
    """

    needs_host = True  # for the chi-squares

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
        mean_square = torch.from_numpy(scipy.special.gammaincinv(self.df / 2, uniforms.numpy())) / (self.df / 2)
        return temperature * normals / mean_square.sqrt().to(normals.dtype).to(normals.device)

    def cdf(self, z: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P N D"]:
        """That of Student's t: a channel of the multivariate distribution has as many degrees of freedom."""
        return torch.from_numpy(scipy.special.stdtr(self.df, z.cpu().double().numpy())).to(z)
