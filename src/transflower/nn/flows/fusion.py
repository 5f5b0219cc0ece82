"""Successive affine maps of a frame, fused into one.

Shape letters: B batch, P positions, N frames, D channels.
"""

from collections.abc import Callable
from copy import deepcopy
from itertools import chain

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from transflower.nn.autocast import full_precision
from transflower.nn.flows.bijection import Bijection, constant_log_det
from transflower.nn.state import State


class FusedAffine(Bijection):
    """The same map as an affine ``part``: one matrix and one shift in each direction, computed in double precision."""

    def __init__(self, part: Bijection, dim: int) -> None:
        super().__init__()
        exact = deepcopy(part).cpu().double()
        matrix, shift, log_det = _probe(exact.forward, dim)
        inverse_matrix, inverse_shift, _ = _probe(exact.inverse, dim)
        like = next(tensor for tensor in chain(part.parameters(), part.buffers()) if tensor.is_floating_point())
        self.matrix, self.shift = _constant(matrix, like), _constant(shift, like)
        self.inverse_matrix, self.inverse_shift = _constant(inverse_matrix, like), _constant(inverse_shift, like)
        self.frame_log_det = _constant(log_det, like)

    @property
    def affine_dim(self) -> int:
        """D."""
        return len(self.shift)

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Map every frame."""
        with full_precision(x):
            return functional.linear(x, self.matrix, self.shift), constant_log_det(self.frame_log_det, x), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo."""
        x, state = self.invert(z, context, state)
        return x, constant_log_det(-self.frame_log_det, z), state

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Undo."""
        with full_precision(z):
            return functional.linear(z, self.inverse_matrix, self.inverse_shift), None


@torch.no_grad()
def _probe(
    mapping: Callable[[Tensor, None], tuple[Tensor, Tensor, State]], dim: int
) -> tuple[Float[Tensor, "D D"], Float[Tensor, " D"], Float[Tensor, ""]]:
    """Matrix, shift and log-determinant of an affine map: where it takes the origin and the unit vectors."""
    origin = torch.zeros(1, dim, dtype=torch.float64)
    mapped, log_det, _ = mapping(torch.cat([origin, torch.eye(dim).to(origin)])[:, None, None], None)
    shift, columns = mapped[0, 0, 0], mapped[1:, 0, 0]
    return (columns - shift).T, shift, log_det[0, 0]


def _constant(value: Tensor, like: Tensor) -> nn.Parameter:
    return nn.Parameter(value.to(like).contiguous(), requires_grad=False)
