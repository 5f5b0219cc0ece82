"""A learned matrix on the channels, as it is.

Shape letters: B batch, P positions, N frames, D channels.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.flows.bijection import Bijection, constant_log_det
from transflower.nn.flows.linears.base import LinearConfig
from transflower.nn.flows.linears.versions import PerVersion
from transflower.nn.flows.precision import full_precision
from transflower.nn.state import State


@LinearConfig.registry.register("dense")
@dataclass(frozen=True, kw_only=True)
class DenseLinearConfig(LinearConfig):
    """A learned matrix as it is, as in MoGlow: its determinant costs D^3 a step, and nothing keeps it from 0."""

    start: Literal["orthogonal", "identity"] = "orthogonal"
    """A random rotation, as published, or no mixture at first."""

    def build(self, dim: int) -> Bijection:
        """The matrix on ``dim`` channels."""
        is_random = self.start == "orthogonal"
        return DenseLinear(nn.init.orthogonal_(torch.empty(dim, dim)) if is_random else torch.eye(dim))


class DenseLinear(Bijection):
    """``z = W x`` for each frame. The inverse is computed once for each version of the weight, as for `LULinear`."""

    def __init__(self, weight: Float[Tensor, "D D"]) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)
        self._known_inverse = PerVersion()

    @property
    def affine_dim(self) -> int:
        """D."""
        return len(self.weight)

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Mix the channels of every frame."""
        with full_precision(x):
            return x @ self.weight.T, constant_log_det(self._log_det(), x), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo."""
        with full_precision(z):
            return z @ self._inverse().T, constant_log_det(-self._log_det(), z), None

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Undo, without the determinant, which takes longer."""
        with full_precision(z):
            return z @ self._inverse().T, None

    def _log_det(self) -> Float[Tensor, ""]:
        return torch.linalg.slogdet(self.weight)[1]

    def _inverse(self) -> Float[Tensor, "D D"]:
        if torch.is_grad_enabled():
            return torch.linalg.inv(self.weight)
        return self._known_inverse.get([self.weight], lambda: torch.linalg.inv(self.weight))
