"""Plain layers for each frame, as in MoGlow without recurrence."""

from dataclasses import dataclass

from torch import nn

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.framewise import (
    FramewiseConditioner,
    JoinedOnChannels,
    check_one_token_per_frame,
)
from transflower.nn.mlp import MLP


@ConditionerConfig.registry.register("feedforward")
@dataclass(frozen=True, kw_only=True)
class FeedforwardConditionerConfig(ConditionerConfig):
    """Plain layers with ReLU between for each frame and its context: MoGlow's network without memory."""

    width: int = 512
    """Hidden channels."""
    layers: Depth = 2
    """Hidden layers."""

    def __post_init__(self) -> None:
        if min(self.width, self.layers) < 1:
            raise OptionsError("the feedforward conditioner needs width and layers of at least 1")

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network; it starts by predicting zeros."""
        check_one_token_per_frame("feedforward", shape, in_dim)
        network = MLP(
            in_dim + shape.context_dim,
            out_dim,
            hidden_dim=self.width,
            hidden_layers=self.layers,
            activation="relu",
        )
        nn.init.zeros_(network.output.weight)
        nn.init.zeros_(network.output.bias)
        return FramewiseConditioner(JoinedOnChannels(network), shape)
