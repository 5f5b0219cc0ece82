"""Scale and shift, with a bounded log-scale.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.transforms.base import Transform, TransformConfig, bounded, check_bound


@TransformConfig.registry.register("affine")
@dataclass(frozen=True, kw_only=True)
class AffineConfig(TransformConfig):
    """Scale and shift; the scale of one coupling lies between exp(-bound) and exp(bound)."""

    bound: float = 2.0
    """Largest absolute log-scale, so that one spiky frame cannot blow the likelihood up."""

    def __post_init__(self) -> None:
        check_bound(self.bound)

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return Affine(self.bound)


class Affine(Transform):
    """``z = x * exp(log_scale) + shift`` with ``log_scale = bound * tanh(raw / bound)``."""

    parameters_per_element = 2

    def __init__(self, bound: float = 2.0) -> None:
        super().__init__()
        self.bound = bound

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Scale, then shift."""
        log_scale, shift = self._split(parameters)
        return x * log_scale.exp() + shift, log_scale

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo the shift, then the scale."""
        log_scale, shift = self._split(parameters)
        inverse_log_scale = -log_scale
        return (z - shift) * inverse_log_scale.exp(), inverse_log_scale

    def _split(self, parameters: Tensor) -> tuple[Tensor, Tensor]:
        raw, shift = parameters.chunk(2, dim=-1)
        return bounded(raw, self.bound), shift
