"""Encoders that read every position off a window of its own, without state.

Shape letters: B batch.
"""

from abc import ABC
from collections.abc import Mapping

from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.rates import SAME_RATE
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders.base import Encoder
from transflower.models.encoders.stream import BufferedStream


class StatelessEncoder(Encoder, ABC):
    """Positions are independent, so a stream is ``forward``, one window after the other."""

    def __init__(self, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span]) -> None:
        super().__init__(streams, spans)
        synced = [span for span in spans.values() if span.mode == "sequence"]
        fastest = max((span.rate for span in synced), default=SAME_RATE)
        self.lookahead = max((int((span.stop - 1) * fastest / span.rate) for span in synced), default=0)

    def stream(self, batch_size: int, *, lookahead: int | None = None) -> "StatelessStream":
        """The same numbers, position by position; windows cannot be shortened."""
        if lookahead not in (None, self.lookahead):
            raise ModelError(
                f"this windowed encoder has a lookahead of {self.lookahead} frames, {lookahead} needs a causal one"
            )
        return StatelessStream(self, batch_size)


class StatelessStream(BufferedStream):
    """Encodes the window of the next position, as a whole, at every step."""

    def __init__(self, encoder: StatelessEncoder, batch_size: int) -> None:
        super().__init__(encoder.streams, encoder.spans, batch_size)
        self._encoder = encoder

    def skip(self) -> None:
        """Go past the next position: others do not depend on it."""
        self._buffers.check_ready()
        self._buffers.advance()

    def _encode(self) -> dict[str, Tensor]:
        return self._encoder({name: self._buffers.window(name) for name in self._encoder.spans})
