"""Networks that get each frame's unchanged channels together with the context token that belongs to it.

Shape letters: M batch and positions, N frames, E unchanged channels, Q parameters of a frame, K context tokens,
C context channels.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import MemorylessConditioner, check_has_input


class FramewiseConditioner(MemorylessConditioner):
    """``network(unchanged, context)``: each frame has its own context token, or all share the only one."""

    def __init__(self, network: nn.Module, shape: FlowShape) -> None:
        super().__init__()
        self.length = shape.length
        self.network = network
        # Frames that share one token must be told apart.
        shares_token = shape.context_dim > 0 and shape.context_length < shape.length
        self.frame = nn.Parameter(torch.zeros(shape.length, shape.context_dim)) if shares_token else None

    def predict(
        self, unchanged: Float[Tensor, "M N E"], context: Float[Tensor, "M K C"] | None
    ) -> Float[Tensor, "M N Q"]:
        """Parameters for the frames of each position."""
        if context is not None and self.frame is not None:
            context = context + self.frame
        return self.network(unchanged, context)


class JoinedOnChannels(nn.Module):
    """``network`` of both as one: the channels of each frame, then those of its token."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Float[Tensor, "M N E"], context: Float[Tensor, "M N C"] | None) -> Float[Tensor, "M N Q"]:
        """Parameters for every frame."""
        return self.network(x if context is None else torch.cat([x, context], dim=-1))


def check_one_token_per_frame(name: str, shape: FlowShape, in_dim: int) -> None:
    """Refuse what the framewise conditioner ``name`` cannot work with.

    Raises:
        ModelError: there are other numbers of context tokens than 1 or N, or nothing to see at all.
    """
    check_has_input(shape, in_dim)
    if shape.context_dim and shape.context_length not in (1, shape.length):
        raise ModelError(
            f"the {name} conditioner needs 1 context token or one for each of the {shape.length} frames, "
            f"the encoder gives {shape.context_length}; change the encoder's readout or use type transformer"
        )
