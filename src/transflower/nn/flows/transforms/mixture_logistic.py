"""A mixture of logistics as a map: the log-odds of each element's cumulative probability, then scale and shift.

Jonathan Ho et al., "Flow++: improving flow-based generative models with variational dequantization and architecture
design", 2019. What differs: means and scales are bounded, and a small share of each mixture is the standard logistic,
always. So the derivative is bounded from above and from below, whatever a network says, and every element comes back.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame, K components.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from transflower.core.errors import OptionsError
from transflower.nn.flows.transforms.affine import Affine
from transflower.nn.flows.transforms.base import Transform, TransformConfig, bounded, check_bound
from transflower.nn.flows.transforms.logistics import LogisticMixture
from transflower.nn.flows.transforms.mixture import MixtureTransform

_STANDARD_SHARE = 0.05
_LARGEST_MEAN = 4.0


@TransformConfig.registry.register("mixture_logistic")
@dataclass(frozen=True, kw_only=True)
class MixtureLogisticConfig(TransformConfig):
    """The log-odds of a mixture of logistics, then scale and shift: it bends around every component."""

    components: int = 4
    """Logistics of each mixture."""
    bound: float = 2.0
    """Largest absolute log-scale of a component, and of the scale after them."""

    def __post_init__(self) -> None:
        check_bound(self.bound)
        if self.components < 1:
            raise OptionsError(f"a mixture needs at least 1 component, got {self.components}")

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return MixtureLogistic(self.components, self.bound)


class MixtureLogistic(MixtureTransform):
    """``z = logit(cdf(x)) * exp(log_scale) + shift``."""

    gains: Tensor

    def __init__(self, components: int = 4, bound: float = 2.0) -> None:
        super().__init__(components, Affine(bound))
        self.bound = bound
        # All components start as the same logistic. If they also learned alike, they would stay the same for ever.
        self.register_buffer("gains", torch.linspace(1.0, 4.0, components)[:, None], persistent=False)

    def split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[LogisticMixture, Tensor]:
        """Weights, means and log-scales, bounded and with the standard logistic, then affine parameters."""
        raw = parameters.unflatten(-1, (self.parameters_per_element, -1))
        weights, means, log_scales, affine = raw.split([*[self.components] * 3, 2], dim=-2)
        log_weights = math.log1p(-_STANDARD_SHARE) + weights.log_softmax(dim=-2)
        mixture = LogisticMixture(
            functional.pad(log_weights, (0, 0, 0, 1), value=math.log(_STANDARD_SHARE)),
            functional.pad(bounded(self.gains * means, _LARGEST_MEAN), (0, 0, 0, 1)),
            functional.pad(bounded(self.gains * log_scales, self.bound), (0, 0, 0, 1)),
        )
        return mixture, affine.flatten(-2)
