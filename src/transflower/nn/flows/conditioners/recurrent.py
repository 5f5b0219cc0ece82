"""MoGlow's conditioner: an LSTM or GRU along the positions.

Gustav Eje Henter et al., "MoGlow: probabilistic and controllable motion synthesis using normalising flows", 2020.

Shape letters: B batch, P positions, N frames, E unchanged channels, Q parameters of a frame, K context tokens,
C context channels.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.autocast import full_precision
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig, check_has_input
from transflower.nn.state import State


@ConditionerConfig.registry.register("recurrent")
@dataclass(frozen=True, kw_only=True)
class RecurrentConditionerConfig(ConditionerConfig):
    """An LSTM or GRU over the positions: train it on windows of many positions."""

    cell: Literal["lstm", "gru"] = "lstm"
    """Kind of recurrent cell."""
    width: int = 512
    """Hidden channels of each layer."""
    layers: Depth = 2
    """Recurrent layers."""

    def __post_init__(self) -> None:
        if min(self.width, self.layers) < 1:
            raise OptionsError("the recurrent conditioner needs width and layers of at least 1")

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network."""
        return RecurrentConditioner(self, shape, in_dim, out_dim)


class RecurrentConditioner(Conditioner):
    """Recurrent layers over positions, each seen as one vector, and a linear map that starts by predicting zeros.

    The state holds ``hidden``, and of an LSTM also ``cell``, each ``[B, layers, width]``.
    """

    def __init__(self, config: RecurrentConditionerConfig, shape: FlowShape, in_dim: int, out_dim: int) -> None:
        super().__init__()
        check_has_input(shape, in_dim)
        self.length = shape.length
        self.output = nn.Linear(config.width, shape.length * out_dim)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        kind = nn.LSTM if config.cell == "lstm" else nn.GRU
        self.state_names = ("hidden", "cell") if config.cell == "lstm" else ("hidden",)
        position_dim = shape.length * in_dim + shape.context_length * shape.context_dim
        self.recurrent = kind(position_dim, config.width, config.layers, batch_first=True)

    def forward(
        self, unchanged: Float[Tensor, "B P N E"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N Q"], State]:
        """Parameters for every frame, and the state after the last position."""
        if state is None:
            state = self.init_state(len(unchanged))
        given = [state[name].transpose(0, 1).contiguous() for name in self.state_names]
        parts = [unchanged] if context is None else [unchanged, context]
        x = torch.cat([part.flatten(2) for part in parts], dim=-1)
        # In full precision: a state that is carried along must not be rounded at every position.
        with full_precision(x):
            hidden, after = self.recurrent(x.to(given[0]), tuple(given) if len(given) > 1 else given[0])
        after = after if isinstance(after, tuple) else (after,)
        state = {name: value.transpose(0, 1) for name, value in zip(self.state_names, after, strict=True)}
        return self.output(hidden).unflatten(-1, (self.length, -1)), state

    def init_state(self, batch_size: int) -> dict[str, Tensor]:
        """Zeros."""
        zeros = self.output.weight.new_zeros(batch_size, self.recurrent.num_layers, self.recurrent.hidden_size)
        return dict.fromkeys(self.state_names, zeros)
