"""A learned invertible matrix on the channels, as P L U.

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


@LinearConfig.registry.register("lu")
@dataclass(frozen=True, kw_only=True)
class LULinearConfig(LinearConfig):
    """A learned invertible matrix, kept as permutation times lower times upper triangle."""

    start: Literal["orthogonal", "identity"] = "orthogonal"
    """A random rotation, as published, or no mixture at first."""

    def build(self, dim: int) -> Bijection:
        """The matrix on ``dim`` channels."""
        is_random = self.start == "orthogonal"
        return LULinear(nn.init.orthogonal_(torch.empty(dim, dim)) if is_random else torch.eye(dim))


class LULinear(Bijection):
    """``z = W x`` for each frame, with ``W = P L U``.

    P is fixed, L has ones on its diagonal, and U's diagonal keeps its signs: so W stays invertible, and its
    determinant is a sum. Its inverse is computed once for each version of the parameters: never stale, and a sampler
    pays one product.
    """

    permutation: Tensor
    signs: Tensor

    def __init__(self, weight: Float[Tensor, "D D"]) -> None:
        super().__init__()
        permutation, lower, upper = torch.linalg.lu(weight.detach())
        diagonal = upper.diagonal()
        self.register_buffer("permutation", permutation)
        self.register_buffer("signs", diagonal.sign())
        self.lower = nn.Parameter(lower.tril(-1))
        self.upper = nn.Parameter(upper.triu(1))
        self.log_diagonal = nn.Parameter(diagonal.abs().log())
        self._known_inverse = PerVersion()

    @property
    def affine_dim(self) -> int:
        """D."""
        return len(self.lower)

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Mix the channels of every frame."""
        with full_precision(x):
            lower, upper = self._triangles()
            z = x @ (self.permutation @ lower @ upper).T
        return z, constant_log_det(self.log_diagonal.sum(), x), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo."""
        with full_precision(z):
            x = z @ self._inverse().T
        return x, constant_log_det(-self.log_diagonal.sum(), z), None

    def _inverse(self) -> Float[Tensor, "D D"]:
        if torch.is_grad_enabled():
            return self._solve()
        return self._known_inverse.get([self.permutation, self.signs, *self.parameters()], self._solve)

    def _solve(self) -> Float[Tensor, "D D"]:
        lower, upper = self._triangles()
        half = torch.linalg.solve_triangular(lower, self.permutation.T, upper=False, unitriangular=True)
        return torch.linalg.solve_triangular(upper, half, upper=True)

    def _triangles(self) -> tuple[Tensor, Tensor]:
        lower = self.lower.tril(-1) + torch.eye(len(self.lower)).to(self.lower)
        upper = self.upper.triu(1) + torch.diag(self.signs * self.log_diagonal.exp())
        return lower, upper
