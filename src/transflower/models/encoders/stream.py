"""Streams whose inputs wait in buffers until a position has all that it needs.

Shape letters: B batch, n newly arrived frames, D columns, K context tokens, C context channels.
"""

from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders.base import EncoderStream
from transflower.models.encoders.buffer import InputBuffers


class BufferedStream(EncoderStream):
    """Encodes the next position from what its buffers hold, then goes on to the one after."""

    def __init__(self, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], batch_size: int) -> None:
        self._buffers = InputBuffers(streams, spans, batch_size)

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
        contexts = self._encode()
        self._buffers.advance()
        return contexts

    def state_dict(self) -> dict[str, Tensor]:
        """What the buffers hold, as named tensors."""
        return self._buffers.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._buffers.load_state_dict(state)

    @abstractmethod
    def _encode(self) -> dict[str, Tensor]:
        """Context ``[B, 1, K, C]`` of the next position, all of which has arrived."""
