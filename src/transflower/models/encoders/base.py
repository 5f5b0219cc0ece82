"""What every encoder is: it turns the inputs of a position into context tokens.

Shape letters: B batch, P positions, n newly arrived frames, D columns, K context tokens, C context channels.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from transflower.core.registry import Registry
from transflower.core.spans import Span, StreamSpec


class Encoder(nn.Module, ABC):
    """Context of every position from standardised inputs.

    ``inputs[name]`` is ``[B, L + P - 1, D]`` for an input whose span has L frames, and ``[B, L, D]`` for one of mode
    ``single``. Class indices are integers. Of an input of another rate there are as many frames as ``Span.extended``
    says, and the first position begins one of them.
    """

    streams: dict[str, StreamSpec]
    """What the rows of each input are: standardised values, or class indices."""
    spans: dict[str, Span]
    """The frames of each input that one position needs, relative to its own."""
    context_shapes: dict[str, tuple[int, int]]
    """(K, C) for each output."""
    history: int = 0
    """Positions before a position that its context also depends on; 0 where its spans are all that it sees."""
    lookahead: int = 0
    """Frames of given inputs after a position that its context depends on: the latency of live generation. Where their
    rate is not that of the positions, they are the frames of the fastest of them."""

    def __init__(self, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span]) -> None:
        super().__init__()
        self.streams = {name: streams[name] for name in spans}
        self.spans = dict(spans)

    @abstractmethod
    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Output name -> context ``[B, P, K, C]`` of all positions at once."""

    @abstractmethod
    def stream(self, batch_size: int, *, lookahead: int | None = None) -> "EncoderStream":
        """The same numbers, position by position.

        Args:
            batch_size: B.
            lookahead: future frames of given inputs that a position sees; by default ``self.lookahead``.

        Raises:
            ModelError: the encoder cannot see so far, or needs to see further.
        """


class EncoderStream(ABC):
    """An encoder at work: frames go in as they arrive, contexts come out one position after the other.

    The first frame pushed of each input is the first of its span at the first position.
    """

    @abstractmethod
    def push(self, name: str, frames: Tensor) -> None:
        """Take the next frames ``[B, n, D]`` of an input; one of mode ``single`` is pushed whole, once."""

    @property
    @abstractmethod
    def is_ready(self) -> bool:
        """Whether all frames that the next position needs have been pushed."""

    @abstractmethod
    def step(self) -> dict[str, Tensor]:
        """Context ``[B, 1, K, C]`` of the next position.

        Raises:
            ModelError: frames that this position needs have not been pushed.
        """

    def skip(self) -> None:
        """Go past the next position, whose context is not needed."""
        self.step()

    @abstractmethod
    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""


@dataclass(frozen=True, kw_only=True)
class EncoderConfig(ABC):
    """Which network reads the inputs."""

    registry: ClassVar[Registry["EncoderConfig"]] = Registry("encoder")

    @abstractmethod
    def build(
        self, *, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], outputs: Mapping[str, int]
    ) -> Encoder:
        """An encoder.

        Args:
            streams: what the rows of each input are; there may be more.
            spans: the inputs, and the frames of each that one position needs.
            outputs: frames of each output; one that is also an input is autoregressive.

        Raises:
            ModelError: the options cannot work with these inputs.
        """


ENCODERS = EncoderConfig.registry
"""Every encoder, by the ``type`` that options choose."""
