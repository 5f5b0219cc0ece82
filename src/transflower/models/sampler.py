"""Drawing from a head, position after position.

Shape letters: B rows of a batch, N frames of one prediction, V columns that are modelled, K context tokens,
C context channels.
"""

from collections.abc import Sequence
from functools import partial

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.utils._pytree import tree_map

from transflower.models.heads import Head
from transflower.nn.cuda_graphs import GraphedFunction
from transflower.nn.noise import GivenNoise, Noise, RecordedNoise
from transflower.nn.state import State

_SETTLED = 30
"""Positions after which a temperature that was changed is taken to stay."""


class Sampler:
    """A head and what it remembers. On a GPU, a position is drawn at one launch.

    Not if the head needs the host: then kernels are launched one by one.
    """

    def __init__(self, head: Head, batch_size: int) -> None:
        self.state: State = head.init_state(batch_size)
        self._head = head
        self._needs_host = head.needs_host
        self._routine: _Routine | None = None

    def draw(
        self,
        context: Float[Tensor, "B 1 K C"],
        previous: Shaped[Tensor, "B 1 V"] | None,
        *,
        noise: Noise,
        temperature: float,
    ) -> Shaped[Tensor, "B 1 N V"]:
        """The frames of the next position."""
        if self._needs_host or not context.is_cuda:
            drawn, self.state = self._head.sample(context, previous, self.state, noise=noise, temperature=temperature)
            return drawn
        if self._routine is None or self._routine.temperature != temperature:
            rehearsals = 1 if self._routine is None else _SETTLED
            self._routine = _Routine(self._head, temperature, rehearsals)
        given = [context] if previous is None else [context, previous]
        drawn, self.state = self._routine.draw(given, self.state, noise)
        return drawn


class _Routine:
    """Drawing at one temperature: a few positions kernel by kernel, which shows what noise it takes; then as one."""

    def __init__(self, head: Head, temperature: float, rehearsals: int) -> None:
        self.temperature = temperature
        self._head = head
        self._rehearsals = rehearsals
        self._recorded: RecordedNoise
        self._replayed = GraphedFunction(partial(_draw_again, head, temperature))

    def draw(self, given: Sequence[Tensor], state: State, noise: Noise) -> tuple[Tensor, State]:
        if self._rehearsals:
            self._rehearsals -= 1
            self._recorded = RecordedNoise(noise)
            drawn, after = _draw(self._head, self.temperature, given, state or {}, self._recorded)
        else:
            result = self._replayed(given, state or {}, self._recorded.repeat(noise))
            drawn, after = tree_map(torch.clone, result)  # The next launch writes where the result lies.
        return drawn, after or None


def _draw_again(
    head: Head, temperature: float, given: Sequence[Tensor], state: dict[str, Tensor], draws: Sequence[Tensor]
) -> tuple[Tensor, dict[str, Tensor]]:
    return _draw(head, temperature, given, state, GivenNoise(draws))


def _draw(
    head: Head, temperature: float, given: Sequence[Tensor], state: dict[str, Tensor], noise: Noise
) -> tuple[Tensor, dict[str, Tensor]]:
    """Graphs know no None: ``given`` are the context and the frame before, if there is one."""
    previous = given[1] if len(given) > 1 else None
    drawn, after = head.sample(given[0], previous, state or None, noise=noise, temperature=temperature)
    return drawn, after or {}
