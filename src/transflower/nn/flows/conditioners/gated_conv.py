"""The convolutional coupling network of Flow++."""

from dataclasses import dataclass
from typing import Literal

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.framewise import (
    FramewiseConditioner,
    JoinedOnChannels,
    check_one_token_per_frame,
)
from transflower.nn.gated_convolution import GatedConvolutions


@ConditionerConfig.registry.register("gated_conv")
@dataclass(frozen=True, kw_only=True)
class GatedConvConditionerConfig(ConditionerConfig):
    """Gated convolutions over the frames of a prediction, with attention between or not, as in Flow++."""

    width: int = 512
    """Hidden channels."""
    blocks: Depth = 10
    """Gated residual blocks."""
    heads: int = 4
    """Heads of the attention in each block, which must divide the width; 0 for convolutions alone."""
    dropout: float = 0.0
    """Share of activations that training drops."""
    start: Literal["identity", "random"] = "identity"
    """Whether couplings start as the identity, or with random weights, as published."""

    def __post_init__(self) -> None:
        if self.width < 1 or min(self.blocks, self.heads) < 0:
            raise OptionsError("the gated_conv conditioner needs width of at least 1, blocks and heads of at least 0")
        if self.heads and self.width % self.heads:
            raise OptionsError(f"a width of {self.width} cannot be shared by {self.heads} heads; choose a multiple")
        if not 0 <= self.dropout < 1:
            raise OptionsError(f"dropout must be at least 0 and below 1, got {self.dropout}")

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network."""
        check_one_token_per_frame("gated_conv", shape, in_dim)
        network = GatedConvolutions(
            in_dim + shape.context_dim,
            out_dim,
            width=self.width,
            blocks=self.blocks,
            heads=self.heads,
            dropout=self.dropout,
        )
        if self.start == "identity":
            network.start_at_zero()
        return FramewiseConditioner(JoinedOnChannels(network), shape)
