"""A monotone spline of rational quadratics, and the identity outside of it.

Conor Durkan et al., "Neural spline flows", 2019, section 3.1, equations 4 and 5. What differs: sizes of bins and slopes
are bounded, so that the inverse is exact to rounding whatever a network predicts.

Shape letters: B batch, P positions, N frames, D transformed channels, Q parameters of a frame, K bins.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from transflower.core.errors import OptionsError
from transflower.nn.flows.transforms.base import Transform, TransformConfig, bounded, check_bound

_LARGEST_LOG = 1.5
"""Of a knot's derivative, and of a bin's size before they are scaled to add up."""


@TransformConfig.registry.register("spline")
@dataclass(frozen=True, kw_only=True)
class SplineConfig(TransformConfig):
    """A monotone rational-quadratic spline within bounds, and the identity outside."""

    bins: int = 8
    """Pieces of the spline."""
    bound: float = 4.0
    """Elements between -bound and bound are transformed."""

    def __post_init__(self) -> None:
        check_bound(self.bound)
        if self.bins < 2:
            raise OptionsError(f"a spline needs at least 2 bins, got {self.bins}")

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return Spline(self.bins, self.bound)


class Spline(Transform):
    """``z = spline(x)`` between -bound and bound, ``z = x`` elsewhere; the derivative is continuous.

    Example:
        >>> spline, x = Spline(bins=2, bound=4.0), torch.tensor([[[[0.0, 1.0, 9.0]]]])
        >>> parameters = torch.zeros(1, 1, 1, 15)
        >>> spline(x, parameters)[0].flatten().tolist()  # the identity
        [0.0, 1.0, 9.0]
        >>> parameters[..., :3] = 1.0  # a wider first bin: what lies beyond the bounds stays
        >>> [round(one, 2) for one in spline(x, parameters)[0].flatten().tolist()]
        [-1.29, -0.58, 9.0]
    """

    def __init__(self, bins: int = 8, bound: float = 4.0) -> None:
        super().__init__()
        self.parameters_per_element = 3 * bins - 1
        self.bins = bins
        self.bound = bound

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Find each element's bin on the x axis, and map within."""
        knots = self._knots(parameters)
        inner = x.clamp(-self.bound, self.bound)
        piece = knots.piece(_find(inner, knots.lefts))
        share = (inner - piece.left) / piece.width
        mapped = piece.low + piece.height * piece.rise(share)
        return self._within(x, mapped, piece.log_derivative(share))

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Find each element's bin on the z axis, and solve its quadratic equation."""
        knots = self._knots(parameters)
        inner = z.clamp(-self.bound, self.bound)
        piece = knots.piece(_find(inner, knots.lows))
        share = piece.solve((inner - piece.low) / piece.height)
        return self._within(z, piece.left + piece.width * share, -piece.log_derivative(share))

    def _knots(self, parameters: Tensor) -> "_Knots":
        raw = parameters.unflatten(-1, (self.parameters_per_element, -1))
        widths, heights, inner = raw.split([self.bins, self.bins, self.bins - 1], dim=-2)
        # At both ends the derivative is that of the identity outside.
        log_derivatives = functional.pad(bounded(inner, _LARGEST_LOG), (0, 0, 1, 1))
        return _Knots(self._sizes(widths), self._sizes(heights), log_derivatives, self.bound)

    def _sizes(self, raw: Float[Tensor, "B P N K D"]) -> Float[Tensor, "B P N K D"]:
        """Widths or heights of the bins: they add up to the whole range."""
        return 2 * self.bound * bounded(raw, _LARGEST_LOG).softmax(dim=-2)

    def _within(self, before: Tensor, after: Tensor, log_derivative: Tensor) -> tuple[Tensor, Tensor]:
        is_within = before.abs() < self.bound
        return torch.where(is_within, after, before), torch.where(is_within, log_derivative, 0.0)


class _Knots:
    """The pieces of every element's spline."""

    def __init__(
        self,
        widths: Float[Tensor, "B P N K D"],
        heights: Float[Tensor, "B P N K D"],
        log_derivatives: Float[Tensor, "B P N K+1 D"],
        bound: float,
    ) -> None:
        self.widths = widths
        self.heights = heights
        self.log_derivatives = log_derivatives
        self.lefts = _starts(widths, bound)
        self.lows = _starts(heights, bound)

    def piece(self, index: Int[Tensor, "B P N 1 D"]) -> "_Piece":
        """One piece of each element's spline."""
        sources = (self.lefts, self.lows, self.widths, self.heights, self.log_derivatives)
        left, low, width, height, log_first = (source.gather(-2, index).squeeze(-2) for source in sources)
        log_last = self.log_derivatives.gather(-2, index + 1).squeeze(-2)
        return _Piece(left, low, width, height, log_first.exp(), log_last.exp())


@dataclass(frozen=True, eq=False)
class _Piece:
    """A rational quadratic for each element, from (left, low) to (left + width, low + height)."""

    left: Float[Tensor, "B P N D"]
    low: Float[Tensor, "B P N D"]
    width: Float[Tensor, "B P N D"]
    height: Float[Tensor, "B P N D"]
    first: Float[Tensor, "B P N D"]
    """Derivative at the left end."""
    last: Float[Tensor, "B P N D"]
    """Derivative at the right end."""

    def rise(self, share: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P N D"]:
        """Share of the height that is reached at a share of the width."""
        chord, excess = self._chord()
        both = share * (1 - share)
        return (chord * share.square() + self.first * both) / (chord + excess * both)

    def solve(self, rise: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P N D"]:
        """Share of the width at which a share of the height is reached."""
        chord, excess = self._chord()
        linear = self.first - rise * excess
        quadratic = chord - linear
        root = (linear.square() + 4 * quadratic * chord * rise).sqrt()
        # The form of the solution that stays finite where the quadratic term vanishes, as it does for the identity.
        return 2 * chord * rise / (linear + root)

    def log_derivative(self, share: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P N D"]:
        """Of the piece at a share of its width."""
        chord, excess = self._chord()
        rest = 1 - share
        both = share * rest
        ends = self.last * share.square() + 2 * chord * both + self.first * rest.square()
        return ends.log() + 2 * (chord.log() - (chord + excess * both).log())

    def _chord(self) -> tuple[Tensor, Tensor]:
        """Its slope, and by how much the ends together are steeper than it."""
        chord = self.height / self.width
        return chord, self.first + self.last - 2 * chord


def _starts(sizes: Float[Tensor, "B P N K D"], bound: float) -> Float[Tensor, "B P N K D"]:
    """Where each bin begins."""
    return functional.pad(sizes[..., :-1, :].cumsum(dim=-2), (0, 0, 1, 0)) - bound


def _find(x: Float[Tensor, "B P N D"], starts: Float[Tensor, "B P N K D"]) -> Int[Tensor, "B P N 1 D"]:
    """The bin that each element is in."""
    return (x.unsqueeze(-2) >= starts[..., 1:, :]).sum(dim=-2, keepdim=True)
