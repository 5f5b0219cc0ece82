"""Conditioners that see one frame at a time: a perceptron modulated by the context, and MoGlow's plain layers.

Shape letters: B batch, P positions, M batch and positions folded together, N frames, E unchanged channels, Q parameters
of a frame, K context tokens, C context channels.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig, StatelessConditioner, check_has_input
from transflower.nn.mlp import MLP, FilmMLP


class FramewiseConditioner(StatelessConditioner):
    """``network(unchanged, context)``: each frame has its own context token, or all share the only one."""

    def __init__(self, network: nn.Module, shape: FlowShape) -> None:
        super().__init__()
        self.length = shape.length
        self.network = network
        # A learned vector for each frame, where all frames share one token.
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
        ModelError: there are other numbers of context tokens than 1 or N, or no input at all.
    """
    check_has_input(shape, in_dim)
    if shape.context_dim and shape.context_length not in (1, shape.length):
        raise ModelError(
            f"the {name} conditioner needs 1 context token or one for each of the {shape.length} frames, "
            f"the encoder gives {shape.context_length}; change the encoder's readout or use type transformer"
        )


@ConditionerConfig.registry.register("mlp")
@dataclass(frozen=True, kw_only=True)
class MLPConditionerConfig(ConditionerConfig):
    """A residual perceptron for each frame, modulated by the context: the cheapest, for one frame a prediction."""

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


@ConditionerConfig.registry.register("feedforward")
@dataclass(frozen=True, kw_only=True)
class FeedforwardConditionerConfig(ConditionerConfig):
    """Plain layers with ReLU between for each frame and its context: MoGlow's network without recurrence."""

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
