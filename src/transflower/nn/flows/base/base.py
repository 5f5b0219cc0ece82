"""What the latents of a flow are drawn from.

Shape letters: B batch, P positions, N frames, D channels.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.registry import Registry
from transflower.nn.noise import Noise


class BaseDistribution(nn.Module, ABC):
    """A distribution of frames that are independent of each other."""

    @abstractmethod
    def log_prob(self, z: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P"]:
        """Log density in nats, summed over frames and channels."""

    @abstractmethod
    def sample(
        self, shape: Sequence[int], *, noise: Noise, temperature: float, like: Tensor
    ) -> Float[Tensor, "B P N D"]:
        """Draw latents of ``shape``, their spread scaled by the temperature."""


@dataclass(frozen=True, kw_only=True)
class BaseConfig(ABC):
    """Which distribution the latents have."""

    registry: ClassVar[Registry["BaseConfig"]] = Registry("flow base")

    @abstractmethod
    def build(self) -> BaseDistribution:
        """The distribution."""
