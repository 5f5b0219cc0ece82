"""The context of MoGlow (Henter, Alexanderson and Beskow, 2020): the frames of the windows themselves, side by side.

Shape letters: B batch, P positions, R rows, L frames of one span, D columns, C context channels.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from transflower.core.errors import OptionsError
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders.base import EncoderConfig
from transflower.models.encoders.embedding import RowEmbedding
from transflower.models.encoders.inputs import count_positions, unfold_windows
from transflower.models.encoders.stateless import StatelessEncoder


@EncoderConfig.registry.register("concat")
@dataclass(frozen=True, kw_only=True)
class ConcatEncoderConfig(EncoderConfig):
    """The frames of all windows, concatenated: nothing is learned but what is asked for."""

    width: int | None = None
    """Channels of a learned linear projection of the frames; by default they are taken as they are."""
    class_width: int = 16
    """Channels of the vectors that are learned for class indices."""

    def __post_init__(self) -> None:
        if self.class_width < 1 or (self.width is not None and self.width < 1):
            raise OptionsError("the concat encoder needs width and class_width of at least 1")

    def build(
        self, *, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], outputs: Mapping[str, int]
    ) -> "ConcatEncoder":
        """The encoder."""
        return ConcatEncoder(self, streams, spans, outputs)


class ConcatEncoder(StatelessEncoder):
    """One context token a position, the same for every output.

    Its channels are the frames of the first input's window, oldest first, then those of the second, and so on. What
    has no time is repeated at every position.

    Example:
        >>> streams = {"motion": StreamSpec(dim=3), "audio": StreamSpec(dim=2)}
        >>> spans = {"motion": Span(start=-4, length=4), "audio": Span(start=-4, length=6)}
        >>> encoder = ConcatEncoderConfig().build(streams=streams, spans=spans, outputs={"motion": 1})
        >>> encoder({"motion": torch.zeros(2, 6, 3), "audio": torch.zeros(2, 8, 2)})["motion"].shape  # [B, P, K, C]
        torch.Size([2, 3, 1, 24])
    """

    def __init__(
        self,
        config: ConcatEncoderConfig,
        streams: Mapping[str, StreamSpec],
        spans: Mapping[str, Span],
        outputs: Mapping[str, int],
    ) -> None:
        super().__init__(streams, spans)
        rows = {name: RowEmbedding(name, stream, config.class_width) for name, stream in self.streams.items()}
        self.rows = nn.ModuleDict(rows)
        channels = sum(span.length * rows[name].dim for name, span in spans.items())
        self.projection = None if config.width is None else nn.Linear(channels, config.width)
        self.context_shapes = dict.fromkeys(outputs, (1, config.width or channels))

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Output name -> context ``[B, P, 1, C]`` of all positions at once."""
        positions = count_positions(self.streams, self.spans, inputs)
        context = torch.cat([self._windows(name, inputs[name], positions) for name in self.spans], dim=-1)
        if self.projection is not None:
            context = self.projection(context)
        return dict.fromkeys(self.context_shapes, context.unsqueeze(2))

    def _windows(self, name: str, rows: Shaped[Tensor, "B R D"], positions: int) -> Float[Tensor, "B P C"]:
        """The window of every position, flattened."""
        span, embedded = self.spans[name], self.rows[name](rows)
        if span.mode == "sequence":
            return unfold_windows(embedded, span, positions).flatten(2)
        return embedded[:, : span.length].flatten(1).unsqueeze(1).expand(-1, positions, -1)
