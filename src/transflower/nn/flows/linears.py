"""Invertible linear maps of the channels of a frame: permutation, LU matrix, dense matrix.

Shape letters: B batch, P positions, N frames, D channels.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.registry import Registry
from transflower.nn.autocast import full_precision
from transflower.nn.flows.bijection import Bijection, constant_log_det
from transflower.nn.state import State

_Version = tuple[torch.device, torch.dtype, int, int]


@dataclass(frozen=True, kw_only=True)
class LinearConfig(ABC):
    """The linear map of the channels before each coupling."""

    registry: ClassVar[Registry["LinearConfig"]] = Registry("flow linear")

    @abstractmethod
    def build(self, dim: int) -> Bijection:
        """The map of ``dim`` channels."""


@LinearConfig.registry.register("permutation")
@dataclass(frozen=True, kw_only=True)
class PermutationConfig(LinearConfig):
    """A fixed order of channels: cheap, exact, nothing learned."""

    order: Literal["random", "reverse"] = "random"
    """A random order, drawn once when the model is made, or the reversed one."""

    def build(self, dim: int) -> Bijection:
        """The permutation of ``dim`` channels."""
        return Permutation(torch.randperm(dim) if self.order == "random" else torch.arange(dim).flip(0))


class Permutation(Bijection):
    """``z[..., i] = x[..., order[i]]``.

    Example:
        >>> z, log_det, _ = Permutation(torch.tensor([2, 0, 1]))(torch.tensor([[[[1.0, 2.0, 3.0]]]]), None)
        >>> z.flatten().tolist(), log_det.tolist()
        ([3.0, 1.0, 2.0], [[0.0]])
    """

    order: Tensor

    def __init__(self, order: Tensor) -> None:
        super().__init__()
        self.register_buffer("order", order)

    @property
    def affine_dim(self) -> int:
        """D."""
        return len(self.order)

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Permute the channels."""
        return x[..., self.order], x.new_zeros(x.shape[:2]), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo."""
        return z[..., self.order.argsort()], z.new_zeros(z.shape[:2]), None


@LinearConfig.registry.register("lu")
@dataclass(frozen=True, kw_only=True)
class LULinearConfig(LinearConfig):
    """A learned invertible matrix, kept as permutation times lower times upper triangle."""

    def build(self, dim: int) -> Bijection:
        """The matrix on ``dim`` channels: at first a random rotation."""
        return LULinear(nn.init.orthogonal_(torch.empty(dim, dim)))


class LULinear(Bijection):
    """``z = W x`` for each frame, with ``W = P L U``.

    Diederik P. Kingma and Prafulla Dhariwal, "Glow: generative flow with invertible 1x1 convolutions", 2018, section
    3.2, equation 10. P is fixed, L has ones on its diagonal, and the diagonal of U keeps its signs: so W stays
    invertible, and its log-determinant is a sum. Its inverse is computed once for each version of the parameters;
    drawing then takes one matrix product.

    Example:
        >>> linear = LULinear(torch.tensor([[0.0, 2.0], [1.0, 0.0]]))
        >>> z, log_det, _ = linear(torch.tensor([[[[3.0, 4.0]]]]), None)
        >>> z.flatten().tolist(), round(log_det.item(), 4)  # log(2)
        ([8.0, 3.0], 0.6931)
        >>> linear.inverse(z, None)[0].flatten().tolist()
        [3.0, 4.0]
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
        """Multiply every frame by W."""
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


@LinearConfig.registry.register("dense")
@dataclass(frozen=True, kw_only=True)
class DenseLinearConfig(LinearConfig):
    """A learned matrix as it is, as in MoGlow: its determinant costs D^3 a step, and nothing keeps it from 0."""

    def build(self, dim: int) -> Bijection:
        """The matrix on ``dim`` channels: at first a random rotation."""
        return DenseLinear(nn.init.orthogonal_(torch.empty(dim, dim)))


class DenseLinear(Bijection):
    """``z = W x`` for each frame, as in MoGlow.

    The inverse is computed once for each version of the weight, as for `LULinear`.

    Example:
        >>> z, log_det, _ = DenseLinear(torch.tensor([[0.0, 2.0], [1.0, 0.0]]))(torch.tensor([[[[3.0, 4.0]]]]), None)
        >>> z.flatten().tolist(), round(log_det.item(), 4)  # log(2)
        ([8.0, 3.0], 0.6931)
    """

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
        """Multiply every frame by W."""
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


class PerVersion:
    """A tensor computed from others, computed again once one of them has been written to, moved or replaced.

    Every write counts up a tensor's version (only one through ``.data`` does not). Reading it waits for no device.
    """

    def __init__(self) -> None:
        self._sources: list[Tensor] = []
        self._versions: list[_Version] = []
        self._value: Tensor | None = None

    def get(self, sources: Sequence[Tensor], compute: Callable[[], Tensor]) -> Tensor:
        """What ``compute`` makes of ``sources``; it is only called again if they have changed."""
        versions = [_version_of(source) for source in sources]
        if self._value is None or versions != self._versions:
            # References are kept, so that no other tensor can be allocated at the same address.
            self._sources = [source.detach() for source in sources]
            self._versions = versions
            self._value = compute()
        return self._value


def _version_of(tensor: Tensor) -> _Version:
    return tensor.device, tensor.dtype, tensor.data_ptr(), tensor._version
