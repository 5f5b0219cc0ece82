"""The published mixture coupling: the log-odds of a mixture of logistics, then the published affine transform.

Jonathan Ho et al., "Flow++: improving flow-based generative models with variational dequantization and architecture
design", 2019. Beside `MixtureLogistic`: means and scales are what the network says, so that an element between two
components far apart may not come back; and components that start alike stay alike.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame, K components.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.flows.transforms.flowpp_affine import FlowppAffine
from transflower.nn.flows.transforms.logistics import LogisticMixture
from transflower.nn.flows.transforms.mixture import MixtureTransform

_LARGEST_LOG_SCALE = 7.0  # published for small scales; for large ones only so that they stay finite
_ROUNDS = 17  # to the last digit of float64


@TransformConfig.registry.register("flowpp_mixture")
@dataclass(frozen=True, kw_only=True)
class FlowppMixtureConfig(TransformConfig):
    """The mixture transform of the published system, unbounded.

    Use it with a conditioner that starts at random: components that start alike stay alike.
    """

    components: int = 4
    """Logistics of each mixture."""

    def __post_init__(self) -> None:
        if self.components < 1:
            raise OptionsError(f"a mixture needs at least 1 component, got {self.components}")

    def build(self, dim: int) -> Transform:
        """The transform of ``dim`` changed channels."""
        return FlowppMixture(dim, self.components)


class FlowppMixture(MixtureTransform):
    """``z = (logit(cdf(x)) + shift) * scale``; parameters: scale and shift, then weights, means and log-scales."""

    def __init__(self, dim: int, components: int = 4) -> None:
        super().__init__(components, FlowppAffine(dim))

    def split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[LogisticMixture, Tensor]:
        """Affine parameters first, then weights, means and log-scales."""
        raw = parameters.unflatten(-1, (self.parameters_per_element, -1))
        affine, weights, means, log_scales = raw.split([2, *[self.components] * 3], dim=-2)
        log_scales = log_scales.clamp(-_LARGEST_LOG_SCALE, _LARGEST_LOG_SCALE)
        return LogisticMixture(weights.log_softmax(dim=-2), means, log_scales, _ROUNDS), affine.flatten(-2)
