"""Shift alone: volume is preserved.

Laurent Dinh et al., "NICE: non-linear independent components estimation", 2014.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.transforms.base import Transform, TransformConfig


@TransformConfig.registry.register("additive")
@dataclass(frozen=True, kw_only=True)
class AdditiveConfig(TransformConfig):
    """Shift alone: widths are left to the norm layers."""

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return Additive()


class Additive(Transform):
    """``z = x + shift``."""

    parameters_per_element = 1

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Shift."""
        return x + parameters, torch.zeros_like(x)

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo."""
        return z - parameters, torch.zeros_like(z)
