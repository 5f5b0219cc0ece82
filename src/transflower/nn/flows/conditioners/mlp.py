"""A residual perceptron for each frame, modulated by the context.

Shape letters: M batch and positions, N frames, E unchanged channels, Q parameters of a frame, K context tokens,
C context channels.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import (
    Conditioner,
    ConditionerConfig,
    MemorylessConditioner,
    check_has_input,
)
from transflower.nn.mlp import FilmMLP


@ConditionerConfig.registry.register("mlp")
@dataclass(frozen=True, kw_only=True)
class MLPConditionerConfig(ConditionerConfig):
    """A perceptron for each frame, modulated by the context: the cheapest network, for one frame a prediction."""

    width: int = 256
    """Hidden channels."""
    blocks: int = 2
    """Residual blocks."""

    def __post_init__(self) -> None:
        if self.width < 1 or self.blocks < 0:
            raise OptionsError("the mlp conditioner needs width of at least 1 and blocks of at least 0")

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network; it starts by predicting zeros."""
        check_has_input(shape, in_dim)
        if shape.context_dim and shape.context_length not in (1, shape.length):
            raise ModelError(
                f"the mlp conditioner needs 1 context token or one for each of the {shape.length} frames, "
                f"the encoder gives {shape.context_length}; change the encoder's readout or use type transformer"
            )
        return MLPConditioner(
            FilmMLP(in_dim, out_dim, shape.context_dim, hidden_dim=self.width, blocks=self.blocks), shape
        )


class MLPConditioner(MemorylessConditioner):
    """Each frame sees its own channels, and its own context token or the only one."""

    def __init__(self, network: FilmMLP, shape: FlowShape) -> None:
        super().__init__()
        self.length = shape.length
        self.network = network
        # Frames that share one token must be told apart.
        shares_token = shape.context_dim > 0 and shape.context_length < shape.length
        self.frame = nn.Parameter(torch.zeros(shape.length, shape.context_dim)) if shares_token else None
        nn.init.zeros_(network.output.weight)
        nn.init.zeros_(network.output.bias)

    def predict(
        self, unchanged: Float[Tensor, "M N E"], context: Float[Tensor, "M K C"] | None
    ) -> Float[Tensor, "M N Q"]:
        """Parameters for the frames of each position."""
        if context is not None and self.frame is not None:
            context = context + self.frame
        return self.network(unchanged, context)
