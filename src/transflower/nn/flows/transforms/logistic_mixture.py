"""Element-wise log-odds under a mixture of logistics, then scale and shift: bounded, and as published.

Jonathan Ho et al., "Flow++: improving flow-based generative models with variational dequantization and architecture
design", 2019, section 3.2.1.

Shape letters: B batch, P positions, N frames, D transformed channels, Q parameters of a frame, K components.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from transflower.core.errors import OptionsError
from transflower.nn.flows.transforms.affine import Affine, FlowppAffine
from transflower.nn.flows.transforms.base import Transform, TransformConfig, bounded, check_bound
from transflower.nn.flows.transforms.logistics import LogisticMixture

_STANDARD_SHARE = 0.05
_MAX_MEAN = 4.0
_MAX_FLOWPP_LOG_SCALE = 7.0
"""Published for small scales; applied to large ones too, so that they stay finite."""
_FLOWPP_ROUNDS = 17
"""Rounds of the solver, to the last digit of float64: nothing bounds a published mixture's slope."""


class MixtureTransform(Transform):
    """The log-odds of a mixture's cumulative probability, then ``affine``.

    Parameters of each element: weight, mean and log-scale of every component, and the two of ``affine``.
    """

    def __init__(self, components: int, affine: Transform) -> None:
        super().__init__()
        self.parameters_per_element = 3 * components + affine.parameters_per_element
        self.components = components
        self.affine = affine

    @abstractmethod
    def split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[LogisticMixture, Tensor]:
        """The mixture of each element, and the parameters of ``affine``."""

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """The log-odds, then scale and shift."""
        mixture, affine = self.split(parameters)
        log_odds, log_slope = mixture.map(x)
        z, log_scale = self.affine(log_odds, affine)
        return z, log_slope + log_scale

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo scale and shift, then find the elements that have these log-odds."""
        mixture, affine = self.split(parameters)
        log_odds, log_scale = self.affine.inverse(z, affine)
        x = mixture.solve(log_odds)
        return x, log_scale - mixture.map(x)[1]


@TransformConfig.registry.register("mixture_logistic")
@dataclass(frozen=True, kw_only=True)
class MixtureLogisticConfig(TransformConfig):
    """The log-odds of a mixture of logistics, then scale and shift, all bounded."""

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
    """``z = logit(cdf(x)) * exp(log_scale) + shift``.

    What differs from Flow++: means and scales are bounded, and 5 % of each mixture is the standard logistic. So the
    derivative is bounded from above and below, whatever a network predicts, and the inverse is always found.

    Example:
        >>> mixture, x = MixtureLogistic(components=2), torch.tensor([[[[-1.0, 0.5]]]])
        >>> parameters = torch.linspace(-1, 1, 2 * mixture.parameters_per_element).reshape(1, 1, 1, -1)
        >>> z, log_derivative = mixture(x, parameters)
        >>> back, log_inverse = mixture.inverse(z, parameters)
        >>> torch.allclose(back, x, atol=1e-4), torch.allclose(log_inverse, -log_derivative, atol=1e-4)
        (True, True)
    """

    gains: Tensor

    def __init__(self, components: int = 4, bound: float = 2.0) -> None:
        super().__init__(components, Affine(bound))
        self.bound = bound
        # All components start as the same logistic. With equal gradients they would stay equal.
        self.register_buffer("gains", torch.linspace(1.0, 4.0, components)[:, None], persistent=False)

    def split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[LogisticMixture, Tensor]:
        """Weights, means and log-scales, bounded and with the standard logistic, then affine parameters."""
        raw = parameters.unflatten(-1, (self.parameters_per_element, -1))
        weights, means, log_scales, affine = raw.split([*[self.components] * 3, 2], dim=-2)
        log_weights = math.log1p(-_STANDARD_SHARE) + weights.log_softmax(dim=-2)
        mixture = LogisticMixture(
            functional.pad(log_weights, (0, 0, 0, 1), value=math.log(_STANDARD_SHARE)),
            functional.pad(bounded(self.gains * means, _MAX_MEAN), (0, 0, 0, 1)),
            functional.pad(bounded(self.gains * log_scales, self.bound), (0, 0, 0, 1)),
        )
        return mixture, affine.flatten(-2)


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
        """The transform of ``dim`` transformed channels."""
        return FlowppMixture(dim, self.components)


class FlowppMixture(MixtureTransform):
    """``z = (logit(cdf(x)) + shift) * scale``; parameters: scale and shift, then weights, means and log-scales.

    Means and scales are unbounded, as published. So an element between two components far apart may not come back.

    Example:
        >>> mixture, x = FlowppMixture(2, components=3), torch.tensor([[[[-1.0, 0.5]]]])
        >>> parameters = torch.zeros(1, 1, 1, mixture.parameters_per_element * 2)
        >>> mixture(x, parameters)[0].flatten().round(decimals=4).tolist()  # of equal components: the identity
        [-1.0, 0.5]
    """

    def __init__(self, dim: int, components: int = 4) -> None:
        super().__init__(components, FlowppAffine(dim))

    def split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[LogisticMixture, Tensor]:
        """Affine parameters first, then weights, means and log-scales."""
        raw = parameters.unflatten(-1, (self.parameters_per_element, -1))
        affine, weights, means, log_scales = raw.split([2, *[self.components] * 3], dim=-2)
        log_scales = log_scales.clamp(-_MAX_FLOWPP_LOG_SCALE, _MAX_FLOWPP_LOG_SCALE)
        return LogisticMixture(weights.log_softmax(dim=-2), means, log_scales, _FLOWPP_ROUNDS), affine.flatten(-2)
