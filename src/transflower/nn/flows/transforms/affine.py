"""Element-wise shift and scale: with a bounded scale, without a scale, as in Flow++, as in MoGlow.

Shape letters: B batch, P positions, N frames, D transformed channels, Q parameters of a frame.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.flows.transforms.base import Transform, TransformConfig, bounded, check_bound

_OFFSET = 2.0
"""Added to what a network predicts for a scale, before the sigmoid."""
_FLOWPP_MIN_SCALE = 1 - 1 / (1 + math.exp(-_OFFSET))
_MOGLOW_MIN_SCALE = 1e-6


@TransformConfig.registry.register("affine")
@dataclass(frozen=True, kw_only=True)
class AffineConfig(TransformConfig):
    """Scale and shift; the scale of one coupling lies between exp(-bound) and exp(bound)."""

    bound: float = 2.0
    """Largest absolute log-scale, which bounds what one outlier frame costs."""

    def __post_init__(self) -> None:
        check_bound(self.bound)

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return Affine(self.bound)


class Affine(Transform):
    """``z = x * exp(log_scale) + shift`` with ``log_scale = bound * tanh(raw / bound)``.

    Example:
        >>> x, parameters = torch.tensor([[[[3.0]]]]), torch.tensor([[[[0.0, 1.0]]]])  # log-scale, shift
        >>> z, log_derivative = Affine(bound=2.0)(x, parameters)
        >>> z.item(), log_derivative.item()
        (4.0, 0.0)
        >>> Affine(bound=2.0)(x, torch.tensor([[[[1e9, 0.0]]]]))[1].item()  # a scale of at most exp(2)
        2.0
    """

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


@TransformConfig.registry.register("additive")
@dataclass(frozen=True, kw_only=True)
class AdditiveConfig(TransformConfig):
    """Shift alone; norm layers and linear maps do all scaling."""

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return Additive()


class Additive(Transform):
    """``z = x + shift``.

    Laurent Dinh et al., "NICE: non-linear independent components estimation", 2014, section 3.2.

    Example:
        >>> z, log_derivative = Additive()(torch.tensor([[[[3.0]]]]), torch.tensor([[[[0.5]]]]))
        >>> z.item(), log_derivative.item()
        (3.5, 0.0)
    """

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


class _ShiftThenScale(Transform):
    """``z = (x + shift) * scale``; subclasses say what scale and shift are."""

    parameters_per_element = 2

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

    @abstractmethod
    def _split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[Tensor, Tensor]:
        """Scale and shift."""


@TransformConfig.registry.register("flowpp_affine")
@dataclass(frozen=True, kw_only=True)
class FlowppAffineConfig(TransformConfig):
    """The affine transform of the published system: shift, then a scale between 0.12 and 1.12."""

    def build(self, dim: int) -> Transform:
        """The transform of ``dim`` transformed channels."""
        return FlowppAffine(dim)


class FlowppAffine(_ShiftThenScale):
    """``z = (x + shift) * scale`` with ``scale = sigmoid(gain * tanh(raw) + 2) + 1 - sigmoid(2)``.

    Guillermo Valle-Perez et al., "Transflower: probabilistic autoregressive dance generation with multimodal
    attention", 2021, as in its published code.

    Example:
        >>> x, parameters = torch.tensor([[[[3.0]]]]), torch.tensor([[[[0.0, 1.0]]]])  # raw scale, shift
        >>> z, _ = FlowppAffine(1)(x, parameters)
        >>> round(z.item(), 4)  # a scale of 1 where the raw one is 0
        4.0
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))

    def _split(self, parameters: Tensor) -> tuple[Tensor, Tensor]:
        raw, shift = parameters.chunk(2, dim=-1)
        return torch.sigmoid(self.gain * torch.tanh(raw) + _OFFSET) + _FLOWPP_MIN_SCALE, shift


@TransformConfig.registry.register("moglow_affine")
@dataclass(frozen=True, kw_only=True)
class MoglowAffineConfig(TransformConfig):
    """MoGlow's affine transform: shift, then a scale between 0 and 1, at first 0.88."""

    def build(self, dim: int) -> Transform:
        """The transform; it has no parameters of its own."""
        return MoglowAffine()


class MoglowAffine(_ShiftThenScale):
    """``z = (x + shift) * scale`` with ``scale = sigmoid(raw + 2) + 1e-6``.

    Gustav Eje Henter et al., "MoGlow: probabilistic and controllable motion synthesis using normalising flows", 2020.

    Example:
        >>> x, parameters = torch.tensor([[[[3.0]]]]), torch.tensor([[[[0.0, 1.0]]]])  # raw scale, shift
        >>> z, _ = MoglowAffine()(x, parameters)
        >>> round(z.item(), 4)
        3.5232
    """

    def _split(self, parameters: Tensor) -> tuple[Tensor, Tensor]:
        raw, shift = parameters.chunk(2, dim=-1)
        return torch.sigmoid(raw + _OFFSET) + _MOGLOW_MIN_SCALE, shift
