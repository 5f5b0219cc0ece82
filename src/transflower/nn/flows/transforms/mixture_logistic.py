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

_STANDARD_SHARE = 0.05
_LARGEST_MEAN = 4.0

_SECTIONS = 9
_SECTION_ROUNDS = 5
_NEWTON_STEPS = 4


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


class MixtureLogistic(Transform):
    """``z = logit(cdf(x)) * exp(log_scale) + shift``."""

    gains: Tensor

    def __init__(self, components: int = 4, bound: float = 2.0) -> None:
        super().__init__()
        self.parameters_per_element = 3 * components + 2
        self.components = components
        self.bound = bound
        self.affine = Affine(bound)
        # All components start as the same logistic. If they also learned alike, they would stay the same for ever.
        self.register_buffer("gains", torch.linspace(1.0, 4.0, components)[:, None], persistent=False)

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """The log-odds, then scale and shift."""
        mixture, affine = self._split(parameters)
        log_odds, log_slope = mixture.map(x)
        z, log_scale = self.affine(log_odds, affine)
        return z, log_slope + log_scale

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo shift and scale, then find the elements that have these log-odds."""
        mixture, affine = self._split(parameters)
        log_odds, log_scale = self.affine.inverse(z, affine)
        x = mixture.solve(log_odds)
        return x, log_scale - mixture.map(x)[1]

    def _split(self, parameters: Tensor) -> tuple["_Mixture", Tensor]:
        raw = parameters.unflatten(-1, (self.parameters_per_element, -1))
        weights, means, log_scales, affine = raw.split([*[self.components] * 3, 2], dim=-2)
        log_weights = math.log1p(-_STANDARD_SHARE) + weights.log_softmax(dim=-2)
        mixture = _Mixture(
            functional.pad(log_weights, (0, 0, 0, 1), value=math.log(_STANDARD_SHARE)),
            functional.pad(bounded(self.gains * means, _LARGEST_MEAN), (0, 0, 0, 1)),
            functional.pad(bounded(self.gains * log_scales, self.bound), (0, 0, 0, 1)),
        )
        return mixture, affine.flatten(-2)


@dataclass(frozen=True, eq=False)
class _Mixture:
    """Of each element; K counts the standard logistic too."""

    log_weights: Float[Tensor, "B P N K D"]
    means: Float[Tensor, "B P N K D"]
    log_scales: Float[Tensor, "B P N K D"]

    def map(self, x: Float[Tensor, "B P N D"]) -> tuple[Tensor, Tensor]:
        """The log-odds of the cumulative probability at ``x``, and the log of their derivative."""
        below, above = self._shares(x)
        # Of each component's part in either tail: subtracting the tails' logarithms at the end would cancel far out.
        parts = below.log_softmax(dim=-2) + above.log_softmax(dim=-2)
        return _log_odds(below, above), (parts - self.log_weights - self.log_scales).logsumexp(dim=-2)

    def solve(self, log_odds: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P N D"]:
        """The elements that have these log-odds, with the right gradient."""
        # One more step of Newton's from the root has the root's derivatives.
        return self._newton(self._search(log_odds), log_odds)

    @torch.no_grad()
    def _search(self, log_odds: Tensor) -> Tensor:
        """Cut a bracket into sections, then take Newton's steps within it: a fixed number of both, never waiting.

        The bracket holds: where the mixture has these log-odds, some components have at least as much, some at most.
        """
        ends = self.means + self.log_scales.exp() * log_odds.unsqueeze(-2)
        low, high = ends.amin(dim=-2), ends.amax(dim=-2)
        cuts = torch.arange(1, _SECTIONS, device=low.device).view(-1, *[1] * low.ndim)
        for _ in range(_SECTION_ROUNDS):
            section = (high - low) / _SECTIONS
            is_before = _log_odds(*self._shares(low + section * cuts)) < log_odds
            low = low + section * is_before.sum(dim=0)
            high = low + section
        x = (low + high) / 2
        for _ in range(_NEWTON_STEPS):
            x = self._newton(x, log_odds).clamp(low, high)
        return x

    def _newton(self, x: Tensor, log_odds: Tensor) -> Tensor:
        reached, log_slope = self.map(x)
        return x - (reached - log_odds) * (-log_slope.detach()).exp()

    def _shares(self, x: Float[Tensor, "... D"]) -> tuple[Float[Tensor, "... K D"], Float[Tensor, "... K D"]]:
        """Log of what each component adds to the probabilities of a smaller and of a larger value."""
        distance = (x.unsqueeze(-2) - self.means) * (-self.log_scales).exp()
        return self.log_weights + functional.logsigmoid(distance), self.log_weights + functional.logsigmoid(-distance)


def _log_odds(below: Float[Tensor, "... K D"], above: Float[Tensor, "... K D"]) -> Float[Tensor, "... D"]:
    return below.logsumexp(dim=-2) - above.logsumexp(dim=-2)
