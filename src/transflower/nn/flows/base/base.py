"""What the latents of a flow are drawn from.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.registry import Registry
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.noise import Noise


class BaseDistribution(nn.Module, ABC):
    """A distribution of what a flow makes of the frames of a position."""

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


@dataclass(frozen=True, kw_only=True)
class BaseConfig(ABC):
    """Which distribution the latents have."""

    registry: ClassVar[Registry["BaseConfig"]] = Registry("flow base")

    @abstractmethod
    def build(self, shape: FlowShape) -> BaseDistribution:
        """The distribution."""
