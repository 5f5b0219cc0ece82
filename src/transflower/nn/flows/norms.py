"""Normalisations at the start of a flow step: act-norm and batch-norm.

Shape letters: B batch, P positions, N frames, D channels.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.core.registry import Registry
from transflower.nn.flows.bijection import Bijection, constant_log_det
from transflower.nn.flows.composition import Composition
from transflower.nn.state import State

_EPSILON = 1e-5
"""Added to the standard deviations of batch-norm."""


@dataclass(frozen=True, kw_only=True)
class NormConfig(ABC):
    """Which normalisation each flow step starts with."""

    registry: ClassVar[Registry["NormConfig"]] = Registry("flow norm")

    @abstractmethod
    def build(self, dim: int) -> Bijection:
        """A normalisation of ``dim`` channels."""


@NormConfig.registry.register("none")
@dataclass(frozen=True, kw_only=True)
class NoNormConfig(NormConfig):
    """No normalisation."""

    def build(self, dim: int) -> Bijection:
        """The identity."""
        return Composition()


class DataNorm(Bijection, ABC):
    """A normalisation that must see data before it can be used."""

    is_initialised: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("is_initialised", torch.tensor(False))
        self._is_known_initialised = False

    def check_initialised(self) -> None:
        """Refuse to work with numbers that were never set.

        Raises:
            ModelError: neither ``initialise`` was called nor a trained state loaded.
        """
        # Reading a buffer on an accelerator waits for it, so it is read until it is true and then no more.
        if not self._is_known_initialised:
            self._is_known_initialised = bool(self.is_initialised)
        if not self._is_known_initialised:
            raise ModelError(
                "the flow's normalisation has not seen data yet; "
                "call the model's initialise(batch) before training, or load a trained model"
            )

    def mark_initialised(self) -> None:
        """Note that the numbers are set."""
        self.is_initialised.fill_(True)


@NormConfig.registry.register("act")
@dataclass(frozen=True, kw_only=True)
class ActNormConfig(NormConfig):
    """A learned shift and scale, set so that the first batch has mean 0 and standard deviation 1."""

    def build(self, dim: int) -> Bijection:
        """The normalisation of ``dim`` channels."""
        return ActNorm(dim)


class ActNorm(DataNorm):
    """``z = (x - mean) * exp(log_scale)``: the scale is positive by construction.

    Diederik P. Kingma and Prafulla Dhariwal, "Glow: generative flow with invertible 1x1 convolutions", 2018, section
    3.1.

    Example:
        >>> norm, x = ActNorm(2), torch.tensor([[1.0, 4.0], [3.0, 8.0]])[:, None, None]  # [B, P, N, D]
        >>> z = norm.initialise(x, None)
        >>> z.flatten(1).round(decimals=3).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(dim))
        self.log_scale = nn.Parameter(torch.zeros(dim))

    @property
    def affine_dim(self) -> int:
        """D."""
        return len(self.mean)

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Normalise."""
        self.check_initialised()
        return (x - self.mean) * self.log_scale.exp(), constant_log_det(self.log_scale.sum(), x), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo."""
        self.check_initialised()
        return z * (-self.log_scale).exp() + self.mean, constant_log_det(-self.log_scale.sum(), z), None

    @torch.no_grad()
    def initialise(self, x: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P N D"]:
        """Give ``x`` mean 0 and standard deviation 1 in every channel."""
        std, mean = torch.std_mean(x.flatten(0, 2), dim=0, correction=0)
        self.mean.copy_(mean)
        # A channel without variation keeps its scale: 1 / std would explode on the first frame that moves.
        self.log_scale.copy_(torch.where(std > 1e-4, -(std + 1e-6).log(), torch.zeros_like(std)))
        self.mark_initialised()
        return self(x, context)[0]


@NormConfig.registry.register("batch")
@dataclass(frozen=True, kw_only=True)
class BatchNormConfig(NormConfig):
    """Running mean and variance of the training batches, then a learned scale and shift."""

    momentum: float = 0.1
    """Share of each training batch in the running statistics."""

    def __post_init__(self) -> None:
        if not 0 <= self.momentum <= 1:
            raise OptionsError(f"momentum must lie in 0 .. 1, got {self.momentum}")

    def build(self, dim: int) -> Bijection:
        """The normalisation of ``dim`` channels."""
        return BatchNorm(dim, momentum=self.momentum)


class BatchNorm(DataNorm):
    """``z = (x - running_mean) / (running_std + 1e-5) * exp(log_gamma) - beta``.

    After Laurent Dinh et al., "Density estimation using Real NVP", 2017, section 3.7. What differs: in training each
    batch first enters the running statistics, without a gradient; then, as in evaluation, only these are used. So the
    map is the same in both modes, and a row depends on the others of its batch through these statistics alone.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, dim: int, *, momentum: float = 0.1) -> None:
        super().__init__()
        self.momentum = momentum
        self.log_gamma = nn.Parameter(torch.zeros(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    @property
    def affine_dim(self) -> int | None:
        """D in evaluation; in training its statistics change."""
        return None if self.training else len(self.beta)

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Normalise; in training, after updating the running statistics."""
        self.check_initialised()
        if self.training:
            self._update(x, self.momentum)
        log_scale = self._log_scale()
        z = (x - self.running_mean) * log_scale.exp() - self.beta
        return z, constant_log_det(log_scale.sum(), x), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo, with the running statistics as they are."""
        self.check_initialised()
        log_scale = self._log_scale()
        x = (z + self.beta) * (-log_scale).exp() + self.running_mean
        return x, constant_log_det(-log_scale.sum(), z), None

    @torch.no_grad()
    def initialise(self, x: Float[Tensor, "B P N D"], context: Tensor | None) -> Float[Tensor, "B P N D"]:
        """Take the statistics of ``x``."""
        self._update(x, 1.0)
        self.mark_initialised()
        return self(x, context)[0]

    def _log_scale(self) -> Tensor:
        return self.log_gamma - (self.running_var.sqrt() + _EPSILON).log()

    @torch.no_grad()
    def _update(self, x: Tensor, share: float) -> None:
        var, mean = torch.var_mean(x.flatten(0, 2), dim=0, correction=0)
        self.running_mean.lerp_(mean.to(self.running_mean), share)
        self.running_var.lerp_(var.to(self.running_var), share)
