"""What a coupling does to each changed element, given parameters that its conditioner predicts.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame: blocks of D, the first of
every kind of parameter before the second.
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
    """An invertible, increasing map of each element; with all parameters 0 it is the identity, but for MoGlow's."""

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
    """What each coupling does to the channels that it changes."""

    registry: ClassVar[Registry["TransformConfig"]] = Registry("coupling transform")

    @abstractmethod
    def build(self, dim: int) -> Transform:
        """The transform of ``dim`` changed channels."""


def bounded(raw: Tensor, bound: float) -> Tensor:
    """About ``raw`` where it is small, and never further from 0 than ``bound``, whatever a network says."""
    return bound * torch.tanh(raw / bound)


def check_bound(bound: float) -> None:
    """Refuse a bound that bounds nothing.

    Raises:
        OptionsError: it is not above 0.
    """
    if not bound > 0:
        raise OptionsError(f"bound must be above 0, got {bound}")
