"""The base class of every invertible map, and what its maps share.

Shape letters: B batch, P positions, N frames of one prediction, D channels, K context tokens, C context channels.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.state import State


@dataclass(frozen=True, kw_only=True)
class FlowShape:
    """Sizes of what a flow maps, known from the data and the encoder, never an option."""

    dim: int
    """D: channels of a frame."""
    length: int
    """N: frames of one prediction."""
    context_dim: int = 0
    """C: channels of a context token; 0 without context."""
    context_length: int = 0
    """K: context tokens of each position."""


class Bijection(nn.Module, ABC):
    """An invertible map with a tractable log-determinant; forward is data to latent.

    Nothing is kept between calls: the state of a recurrent map goes in and out as ``state``. ``log_det`` is the
    log of the absolute determinant of the pass that was asked for, summed over the frames and channels of a position.
    """

    @property
    def affine_dim(self) -> int | None:
        """D of a map that is affine in each frame and independent of the context; None for others."""
        return None

    @abstractmethod
    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Latents of the data, log |det d latent / d data|, and the state after the last position."""

    @abstractmethod
    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Data of the latents, log |det d data / d latent|, and the state after the last position."""

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """As ``inverse``, without the log-determinant, which samplers do not need; often in fewer operations."""
        x, _, state = self.inverse(z, context, state)
        return x, state

    @torch.no_grad()
    def initialise(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None
    ) -> Float[Tensor, "B P N D"]:
        """Set what depends on data from one batch, and return its latents; most maps have nothing to set."""
        return self(x, context)[0]

    def init_state(self, batch_size: int) -> State:
        """The state before the first position; None for maps without state."""
        return None


def sum_log_det(log_scale: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P"]:
    """The log-determinant of an element-wise map."""
    return log_scale.sum(dim=(-2, -1))


def constant_log_det(log_det_per_frame: Float[Tensor, ""], x: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P"]:
    """The log-determinant of a map that is the same for every frame."""
    return (log_det_per_frame * x.shape[2]).expand(x.shape[:2])
