"""MoGlow's affine coupling: shift, then a scale between 0 and 1.

Gustav Eje Henter et al., "MoGlow: probabilistic and controllable motion synthesis using normalising flows", 2020.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.transforms.base import Transform, TransformConfig

_OFFSET = 2.0
_LEAST_SCALE = 1e-6


@TransformConfig.registry.register("moglow_affine")
@dataclass(frozen=True, kw_only=True)
class MoglowAffineConfig(TransformConfig):
    """MoGlow's affine transform: it starts with a scale of 0.88 and can only shrink, widths are left to the norms."""

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return MoglowAffine()


class MoglowAffine(Transform):
    """``z = (x + shift) * scale`` with ``scale = sigmoid(raw + 2) + 1e-6``."""

    parameters_per_element = 2

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Shift, then scale."""
        scale, shift = _split(parameters)
        return (x + shift) * scale, scale.log()

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo the scale, then the shift."""
        scale, shift = _split(parameters)
        return z / scale - shift, -scale.log()


def _split(parameters: Tensor) -> tuple[Tensor, Tensor]:
    raw, shift = parameters.chunk(2, dim=-1)
    return torch.sigmoid(raw + _OFFSET) + _LEAST_SCALE, shift
