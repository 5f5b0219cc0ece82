"""Drawing from a head, position after position.

Shape letters: B rows of a batch, N frames of one prediction, V columns that are modelled, K context tokens,
C context channels.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.utils._pytree import tree_map

from transflower.models.heads import Head, HeadSamplingOptions
from transflower.nn.cuda_graphs import GraphedFunction
from transflower.nn.noise import GivenNoise, Noise, RecordedNoise
from transflower.nn.state import State

_SETTLED = 30
"""Positions after which a temperature or options that were changed are taken to stay."""


class _Setting(NamedTuple):
    """What is the same at every position, until someone changes it."""

    temperature: float
    options: HeadSamplingOptions | None


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
        options: HeadSamplingOptions | None = None,
        null_context: Float[Tensor, "B 1 K C"] | None = None,
    ) -> Shaped[Tensor, "B 1 N V"]:
        """The frames of the next position; arguments as for ``Head.sample``."""
        given = {"context": context, "previous": previous, "null_context": null_context}
        # Graphs know no None.
        tensors = {name: tensor for name, tensor in given.items() if tensor is not None}
        setting = _Setting(temperature, options)
        if self._needs_host or not context.is_cuda:
            drawn, after = _draw(self._head, setting, tensors, self.state or {}, noise)
            self.state = after or None
            return drawn
        if self._routine is None or self._routine.setting != setting:
            rehearsals = 1 if self._routine is None else _SETTLED
            self._routine = _Routine(self._head, setting, rehearsals)
        drawn, self.state = self._routine.draw(tensors, self.state, noise)
        return drawn

    def remember(
        self,
        frames: Shaped[Tensor, "B 1 N V"],
        context: Float[Tensor, "B 1 K C"],
        previous: Shaped[Tensor, "B 1 V"] | None,
    ) -> None:
        """Take frames of the next position that are given, in place of drawn ones."""
        self.state = self._head.remember(frames, context, previous, self.state)


class _Routine:
    """Drawing in one setting: a few positions kernel by kernel, which shows what noise it takes; then as one."""

    def __init__(self, head: Head, setting: _Setting, rehearsals: int) -> None:
        self.setting = setting
        self._head = head
        self._rehearsals = rehearsals
        self._recorded: RecordedNoise
        self._replayed = GraphedFunction(partial(_draw_again, head, setting))

    def draw(self, given: Mapping[str, Tensor], state: State, noise: Noise) -> tuple[Tensor, State]:
        if self._rehearsals:
            self._rehearsals -= 1
            self._recorded = RecordedNoise(noise)
            drawn, after = _draw(self._head, self.setting, given, state or {}, self._recorded)
        else:
            result = self._replayed(given, state or {}, self._recorded.repeat(noise))
            drawn, after = tree_map(torch.clone, result)  # The next launch writes where the result lies.
        return drawn, after or None


def _draw_again(
    head: Head, setting: _Setting, given: Mapping[str, Tensor], state: dict[str, Tensor], draws: Sequence[Tensor]
) -> tuple[Tensor, dict[str, Tensor]]:
    return _draw(head, setting, given, state, GivenNoise(draws))


def _draw(
    head: Head, setting: _Setting, given: Mapping[str, Tensor], state: dict[str, Tensor], noise: Noise
) -> tuple[Tensor, dict[str, Tensor]]:
    drawn, after = head.sample(
        given["context"],
        given.get("previous"),
        state or None,
        noise=noise,
        temperature=setting.temperature,
        options=setting.options,
        null_context=given.get("null_context"),
    )
    return drawn, after or {}
