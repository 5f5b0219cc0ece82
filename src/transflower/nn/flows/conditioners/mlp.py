"""A residual perceptron for each frame, modulated by the context."""

from dataclasses import dataclass

from torch import nn

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.framewise import FramewiseConditioner, check_one_token_per_frame
from transflower.nn.mlp import FilmMLP


@ConditionerConfig.registry.register("mlp")
@dataclass(frozen=True, kw_only=True)
class MLPConditionerConfig(ConditionerConfig):
    """A perceptron for each frame, modulated by the context: the cheapest network, for one frame a prediction."""

    width: int = 256
    """Hidden channels."""
    blocks: Depth = 2
    """Residual blocks."""

    def __post_init__(self) -> None:
        if self.width < 1 or self.blocks < 0:
            raise OptionsError("the mlp conditioner needs width of at least 1 and blocks of at least 0")

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network; it starts by predicting zeros."""
        check_one_token_per_frame("mlp", shape, in_dim)
        network = FilmMLP(in_dim, out_dim, shape.context_dim, hidden_dim=self.width, blocks=self.blocks)
        nn.init.zeros_(network.output.weight)
        nn.init.zeros_(network.output.bias)
        return FramewiseConditioner(network, shape)
