"""A causal transformer along the positions, in place of a recurrent network.

Shape letters: B batch, P positions, H heads, S remembered positions, E channels of a head, I channels of a position,
W hidden channels.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.attention import KeyValueCache
from transflower.nn.causal import CausalCache, CausalConfig, CausalTransformer
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.sequential import SequentialConditioner
from transflower.nn.state import State, prefixed


@ConditionerConfig.registry.register("causal")
@dataclass(frozen=True, kw_only=True)
class CausalConditionerConfig(CausalConfig, ConditionerConfig):
    """A causal transformer over the positions before: train it on windows of many positions."""

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network."""
        return CausalConditioner(self, shape, in_dim, out_dim)


class CausalConditioner(SequentialConditioner):
    """A `CausalTransformer` over the positions.

    The state holds ``position``, the number of positions seen, ``[B]``, all alike, and of each layer the ``keys`` and
    ``values`` of those in its window, ``[B, H, S, E]``.
    """

    asks_host = True  # for the position

    def __init__(self, config: CausalConditionerConfig, shape: FlowShape, in_dim: int, out_dim: int) -> None:
        super().__init__(shape, in_dim=in_dim, out_dim=out_dim, width=config.width)
        self.config = config
        self.input = nn.Linear(self.position_dim, config.width)
        self.transformer = CausalTransformer(config)

    def run(self, x: Float[Tensor, "B P I"], state: State) -> tuple[Float[Tensor, "B P W"], State]:
        """The transformer's output at every position."""
        assert state is not None
        cache = self._recalled(state)
        # What blocks add to stays in full precision.
        hidden = self.transformer.step(self.input(x).to(self.input.weight), cache)
        return hidden, self._remembered(cache, len(x))

    def init_state(self, batch_size: int) -> State:
        """Nothing seen."""
        config = self.config
        empty = self.output.weight.new_zeros(batch_size, config.heads, 0, config.width // config.heads)
        state = {"position": torch.zeros(batch_size, dtype=torch.long)}
        for layer in range(config.layers):
            state |= prefixed(f"{layer}.", {"keys": empty, "values": empty})
        return state

    def _recalled(self, state: dict[str, Tensor]) -> CausalCache:
        cache = self.transformer.start()
        cache.position = int(state["position"][0])
        for layer in range(self.config.layers):
            keys, values = state[f"{layer}.keys"], state[f"{layer}.values"]
            cache.own[layer] = KeyValueCache(first=cache.position - keys.shape[2])
            cache.own[layer].append(keys, values, keep=0)
        return cache

    def _remembered(self, cache: CausalCache, batch_size: int) -> dict[str, Tensor]:
        state = {"position": torch.full((batch_size,), cache.position)}
        for layer, held in enumerate(cache.own):
            in_window = range(max(held.frames.start, cache.position - self.config.window), cache.position)
            keys, values = held.read(in_window)
            state |= prefixed(f"{layer}.", {"keys": keys.clone(), "values": values.clone()})
        return state
