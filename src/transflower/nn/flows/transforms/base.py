"""The base class of what a coupling does to each transformed element, given the parameters that are predicted.

Shape letters: B batch, P positions, N frames, D transformed channels, Q parameters of a frame: blocks of D, the first
of every kind of parameter before the second.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.core.registry import Registry


class Transform(nn.Module, ABC):
    """An invertible, increasing map of each element; the identity where all parameters are 0, except for MoGlow's."""

    parameters_per_element: int

    @abstractmethod
    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """The mapped elements, and the log of each one's derivative."""

    @abstractmethod
    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """The elements that ``forward`` maps to ``z``, and the log of the inverse's derivative at each."""


@dataclass(frozen=True, kw_only=True)
class TransformConfig(ABC):
    """What each coupling does to the channels that it transforms."""

    registry: ClassVar[Registry["TransformConfig"]] = Registry("coupling transform")

    @abstractmethod
    def build(self, dim: int) -> Transform:
        """The transform of ``dim`` transformed channels."""


def bounded(raw: Tensor, bound: float) -> Tensor:
    """``bound * tanh(raw / bound)``: about ``raw`` near 0, and within -bound and bound."""
    return bound * torch.tanh(raw / bound)


def check_bound(bound: float) -> None:
    """Refuse a bound that is not positive.

    Raises:
        OptionsError: it is not above 0.
    """
    if not bound > 0:
        raise OptionsError(f"bound must be above 0, got {bound}")
