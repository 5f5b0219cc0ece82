"""The recurrent coupling network of MoGlow: LSTM or GRU along the positions.

Shape letters: B batch, P positions, I channels of a position, W hidden channels.
"""

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.sequential import SequentialConditioner
from transflower.nn.flows.precision import full_precision
from transflower.nn.state import State


@ConditionerConfig.registry.register("recurrent")
@dataclass(frozen=True, kw_only=True)
class RecurrentConditionerConfig(ConditionerConfig):
    """A network that remembers the positions before: train it on windows of many positions."""

    cell: Literal["lstm", "gru"] = "lstm"
    """Kind of memory."""
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


class RecurrentConditioner(SequentialConditioner):
    """The state holds ``hidden``, and of an LSTM also ``cell``, each ``[B, layers, W]``."""

    def __init__(self, config: RecurrentConditionerConfig, shape: FlowShape, in_dim: int, out_dim: int) -> None:
        super().__init__(shape, in_dim=in_dim, out_dim=out_dim, width=config.width)
        kind = nn.LSTM if config.cell == "lstm" else nn.GRU
        self.memory_names = ("hidden", "cell") if config.cell == "lstm" else ("hidden",)
        self.recurrent = kind(self.position_dim, config.width, config.layers, batch_first=True)

    def run(self, x: Float[Tensor, "B P I"], state: State) -> tuple[Float[Tensor, "B P W"], State]:
        """The last layer's output at every position."""
        assert state is not None
        memory = [state[name].transpose(0, 1).contiguous() for name in self.memory_names]
        # In full precision: what is remembered for long must not be rounded at every position.
        with full_precision(x):
            hidden, after = self.recurrent(x.to(memory[0]), tuple(memory) if len(memory) > 1 else memory[0])
        after = after if isinstance(after, tuple) else (after,)
        return hidden, {name: value.transpose(0, 1) for name, value in zip(self.memory_names, after, strict=True)}

    def init_state(self, batch_size: int) -> State:
        """Zeros."""
        zeros = self.output.weight.new_zeros(batch_size, self.recurrent.num_layers, self.recurrent.hidden_size)
        return dict.fromkeys(self.memory_names, zeros)
