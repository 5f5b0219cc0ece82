"""Batch normalisation by running statistics, the same in training and evaluation.

Shape letters: B batch, P positions, N frames, D channels.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.nn.flows.bijection import Bijection, constant_log_det
from transflower.nn.flows.norms.base import DataNorm, NormConfig
from transflower.nn.state import State

_EPSILON = 1e-5


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

    In training each batch first enters the running statistics, without a gradient; then, as in evaluation, only
    these are used: so a batch's rows do not depend on each other beyond that, and the map is the same in both modes.
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
