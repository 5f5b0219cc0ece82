"""Networks that remember: they run along the positions, each seen as one vector.

Shape letters: B batch, P positions, N frames, E unchanged channels, Q parameters of a frame, K context tokens,
C context channels, I channels of a position: those of its frames and of its context tokens, W hidden channels.
"""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, check_has_input
from transflower.nn.state import State


class SequentialConditioner(Conditioner):
    """A causal network over the positions, and a linear map that starts by predicting zeros."""

    def __init__(self, shape: FlowShape, *, in_dim: int, out_dim: int, width: int) -> None:
        super().__init__()
        check_has_input(shape, in_dim)
        self.length = shape.length
        self.position_dim = shape.length * in_dim + shape.context_length * shape.context_dim
        self.output = nn.Linear(width, shape.length * out_dim)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(
        self, unchanged: Float[Tensor, "B P N E"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N Q"], State]:
        """Parameters for every frame, and what to remember after the last position."""
        parts = [unchanged] if context is None else [unchanged, context]
        if state is None:
            state = self.init_state(len(unchanged))
        hidden, state = self.run(torch.cat([part.flatten(2) for part in parts], dim=-1), state)
        return self.output(hidden).unflatten(-1, (self.length, -1)), state

    @abstractmethod
    def run(self, x: Float[Tensor, "B P I"], state: State) -> tuple[Float[Tensor, "B P W"], State]:
        """Hidden channels of every position, of which each has seen those before it and itself."""

    @abstractmethod
    def init_state(self, batch_size: int) -> State:
        """What the first position finds."""
