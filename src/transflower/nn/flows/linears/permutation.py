"""A fixed shuffle of the channels.

Shape letters: B batch, P positions, N frames, D channels.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.bijection import Bijection
from transflower.nn.flows.linears.base import LinearConfig
from transflower.nn.state import State


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
    """``z[..., i] = x[..., order[i]]``."""

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
        """Shuffle."""
        return x[..., self.order], x.new_zeros(x.shape[:2]), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Tensor | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo."""
        return z[..., self.order.argsort()], z.new_zeros(z.shape[:2]), None
