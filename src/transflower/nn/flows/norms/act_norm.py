"""Activation normalisation: a learned shift and scale of each channel, set from the first batch.

Shape letters: B batch, P positions, N frames, D channels.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.flows.bijection import Bijection, constant_log_det
from transflower.nn.flows.norms.base import DataNorm, NormConfig
from transflower.nn.state import State


@NormConfig.registry.register("act")
@dataclass(frozen=True, kw_only=True)
class ActNormConfig(NormConfig):
    """A learned shift and scale, set so that the first batch has mean 0 and standard deviation 1."""

    def build(self, dim: int) -> Bijection:
        """The normalisation of ``dim`` channels."""
        return ActNorm(dim)


class ActNorm(DataNorm):
    """``z = (x - mean) * exp(log_scale)``: the scale is positive by construction."""

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
