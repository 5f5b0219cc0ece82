"""Drawing from a head, position after position.

Shape letters: B dancers, N frames of one prediction, V columns that are modelled, K context tokens, C context channels.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.utils._pytree import tree_map

from transflower.models.heads import Head
from transflower.nn.noise import GivenNoise, Noise, NotedNoise
from transflower.nn.replay import Replayed
from transflower.nn.state import State


class Sampler:
    """A head and what it remembers. On a GPU, positions after the first of a temperature are drawn at one launch."""

    def __init__(self, head: Head, batch_size: int) -> None:
        self.state: State = head.init_state(batch_size)
        self._head = head
        self._asks_host = head.asks_host
        self._temperature: float | None = None
        self._noted: NotedNoise
        self._replayed: Replayed[tuple[Tensor, dict[str, Tensor]]]

    def draw(
        self,
        context: Float[Tensor, "B 1 K C"],
        previous: Shaped[Tensor, "B 1 V"] | None,
        *,
        noise: Noise,
        temperature: float,
    ) -> Shaped[Tensor, "B 1 N V"]:
        """The frames of the next position."""
        given = [context] if previous is None else [context, previous]
        if context.is_cuda and temperature == self._temperature and not self._asks_host:
            result = self._replayed(given, self.state or {}, self._noted.again(noise))
            drawn, state = tree_map(torch.clone, result)  # The next launch writes where the result lies.
            self.state = state or None
            return drawn
        self._temperature, self._noted, self._replayed = temperature, NotedNoise(noise), Replayed(self._draw_again)
        drawn, self.state = self._draw(given, self.state, self._noted)
        return drawn

    def _draw_again(
        self, given: Sequence[Tensor], state: dict[str, Tensor], draws: Sequence[Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        drawn, after = self._draw(given, state or None, GivenNoise(draws))
        return drawn, after or {}

    def _draw(self, given: Sequence[Tensor], state: State, noise: Noise) -> tuple[Tensor, State]:
        assert self._temperature is not None
        previous = given[1] if len(given) > 1 else None
        return self._head.sample(given[0], previous, state, noise=noise, temperature=self._temperature)
