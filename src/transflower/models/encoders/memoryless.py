"""Encoders that read every position off a window of its own, and remember nothing else.

Shape letters: B batch, n newly arrived frames, D columns, K context tokens, C context channels.
"""

from abc import ABC
from collections.abc import Mapping

import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.models.encoders.base import Encoder, EncoderStream, InputSpec
from transflower.models.encoders.buffer import InputBuffers


class MemorylessEncoder(Encoder, ABC):
    """Positions know nothing of each other, so a stream is ``forward``, one window after the other."""

    def __init__(self, inputs: Mapping[str, InputSpec]) -> None:
        super().__init__()
        self.inputs = dict(inputs)
        self.spans = {name: spec.span for name, spec in inputs.items()}
        synced = [spec.span for spec in inputs.values() if spec.stream.mode == "sequence"]
        self.reach = max((span.stop - 1 for span in synced), default=0)

    def stream(self, batch_size: int, *, reach: int | None = None) -> "MemorylessStream":
        """The same numbers, position by position; windows cannot be shortened."""
        if reach not in (None, self.reach):
            raise ModelError(
                f"this windowed encoder always sees {self.reach} frames ahead, a reach of {reach} needs a causal one"
            )
        return MemorylessStream(self, batch_size)


class MemorylessStream(EncoderStream):
    """Encodes the window of the next position, as a whole, at every step."""

    def __init__(self, encoder: MemorylessEncoder, batch_size: int) -> None:
        self._encoder = encoder
        self._buffers = InputBuffers(encoder.inputs, batch_size)

    def push(self, name: str, frames: Tensor) -> None:
        """Take the next frames ``[B, n, D]`` of an input."""
        self._buffers.push(name, frames)

    @property
    def is_ready(self) -> bool:
        """Whether all frames that the next position needs have been pushed."""
        return self._buffers.is_ready

    @torch.no_grad()
    def step(self) -> dict[str, Tensor]:
        """Context ``[B, 1, K, C]`` of the next position."""
        self._buffers.check_ready()
        contexts = self._encoder({name: self._buffers.window(name) for name in self._encoder.inputs})
        self._buffers.advance()
        return contexts

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        return self._buffers.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._buffers.load_state_dict(state)
