"""The published affine coupling: shift, then a scale between 0.12 and 1.12.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.flows.transforms.base import Transform, TransformConfig

_OFFSET = 2.0
_LEAST_SCALE = 1 - 1 / (1 + math.exp(-_OFFSET))


@TransformConfig.registry.register("flowpp_affine")
@dataclass(frozen=True, kw_only=True)
class FlowppAffineConfig(TransformConfig):
    """The affine transform of the published system: nearly volume preserving, widths are left to the norm layers."""

    def build(self, dim: int) -> Transform:
        """The transform of ``dim`` changed channels."""
        return FlowppAffine(dim)


class FlowppAffine(Transform):
    """``z = (x + shift) * scale`` with ``scale = sigmoid(gain * tanh(raw) + 2) + 1 - sigmoid(2)``."""

    parameters_per_element = 2

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Shift, then scale."""
        scale, shift = self._split(parameters)
        return (x + shift) * scale, scale.log()

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo the scale, then the shift."""
        scale, shift = self._split(parameters)
        return z / scale - shift, -scale.log()

    def _split(self, parameters: Tensor) -> tuple[Tensor, Tensor]:
        raw, shift = parameters.chunk(2, dim=-1)
        return torch.sigmoid(self.gain * torch.tanh(raw) + _OFFSET) + _LEAST_SCALE, shift
