"""The published encoder: a transformer for each input, then one over all their tokens for each output.

Shape letters: B batch, P positions, M both folded together, R rows, L frames of one span, D columns, S tokens of all
inputs, T the same with queries, K context tokens, C context channels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders.base import EncoderConfig
from transflower.models.encoders.embedding import RowEmbedding
from transflower.models.encoders.inputs import count_positions, unfold_windows
from transflower.models.encoders.stateless import StatelessEncoder
from transflower.nn.transformer import Transformer, TransformerConfig


@EncoderConfig.registry.register("windowed")
@dataclass(frozen=True, kw_only=True)
class WindowedEncoderConfig(EncoderConfig):
    """Transformers over a window of each input, read again for every position."""

    input: TransformerConfig = field(default_factory=TransformerConfig)
    """The transformer over the frames of each input."""
    cross: TransformerConfig = field(default_factory=lambda: TransformerConfig(layers=6))
    """The transformer over the tokens of all inputs; its width is that of the context."""
    readout: Literal["first", "queries"] = "first"
    """Read the context off the first tokens, as published, or off learned query tokens, of which there may be more."""
    tokens: int | None = None
    """Context tokens of each output; by default one for each of its frames."""
    shared: bool = False
    """One transformer over the tokens of all inputs serves all outputs, each of which reads its own tokens."""
    hidden: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Output -> inputs that it must not see."""

    def __post_init__(self) -> None:
        if self.tokens is not None and self.tokens < 1:
            raise OptionsError(f"tokens must be at least 1, got {self.tokens}")

    def build(
        self, *, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], outputs: Mapping[str, int]
    ) -> "WindowedEncoder":
        """The encoder."""
        return WindowedEncoder(self, streams, spans, outputs)


@dataclass(frozen=True)
class _Reading:
    """Where the context of an output comes from."""

    network: str
    hidden: frozenset[str]
    tokens: slice


class WindowedEncoder(StatelessEncoder):
    """Every position is a window of its own, so positions cost alike and know nothing of each other.

    Inputs are concatenated in time, in the order of ``spans``. Hidden ones take part as tokens of zeros, as published.

    Example:
        >>> streams = {"motion": StreamSpec(dim=3), "audio": StreamSpec(dim=2)}
        >>> spans = {"motion": Span(start=-4, length=4), "audio": Span(start=-4, length=6)}
        >>> small = TransformerConfig(width=8, layers=1, heads=2)
        >>> config = WindowedEncoderConfig(input=small, cross=small)
        >>> encoder = config.build(streams=streams, spans=spans, outputs={"motion": 1})
        >>> encoder({"motion": torch.zeros(2, 6, 3), "audio": torch.zeros(2, 8, 2)})["motion"].shape  # [B, P, K, C]
        torch.Size([2, 3, 1, 8])
    """

    def __init__(
        self,
        config: WindowedEncoderConfig,
        streams: Mapping[str, StreamSpec],
        spans: Mapping[str, Span],
        outputs: Mapping[str, int],
    ) -> None:
        super().__init__(streams, spans)
        _check_hidden(config.hidden, spans, outputs)
        width = config.cross.width
        num_read = {name: config.tokens or length for name, length in outputs.items()}
        self.context_shapes = {name: (count, width) for name, count in num_read.items()}
        self.input_encoders = nn.ModuleDict(
            {name: _InputEncoder(name, streams[name], span, width, config.input) for name, span in spans.items()}
        )
        num_tokens = sum(span.length for span in spans.values())
        networks = {"shared": sum(num_read.values())} if config.shared else num_read
        self.cross = nn.ModuleDict({name: _CrossEncoder(num_tokens, count, config) for name, count in networks.items()})
        self._readings = _readings(config, num_read)

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Output name -> context ``[B, P, K, C]`` of all positions at once."""
        positions = count_positions(self.streams, self.spans, inputs)
        latents = {name: encoder(inputs[name], positions) for name, encoder in self.input_encoders.items()}
        encoded: dict[tuple[str, frozenset[str]], Tensor] = {}
        contexts = {}
        for output, reading in self._readings.items():
            seen = (reading.network, reading.hidden)
            if seen not in encoded:
                encoded[seen] = self.cross[reading.network](_join(latents, reading.hidden))
            contexts[output] = encoded[seen][:, reading.tokens].unflatten(0, (-1, positions))
        return contexts


class _InputEncoder(nn.Module):
    """A transformer over the windows of one input."""

    def __init__(self, name: str, stream: StreamSpec, span: Span, out_dim: int, config: TransformerConfig) -> None:
        super().__init__()
        self.span = span
        self.rows = RowEmbedding(name, stream, config.width)
        self.transformer = Transformer(self.rows.dim, out_dim, span.length, config)

    def forward(self, rows: Shaped[Tensor, "B R D"], positions: int) -> Float[Tensor, "M L C"]:
        embedded = self.rows(rows)
        if self.span.mode == "sequence":
            return self.transformer(unfold_windows(embedded, self.span, positions).flatten(0, 1))
        # The same at every position.
        return self.transformer(embedded[:, : self.span.length]).repeat_interleave(positions, dim=0)


class _CrossEncoder(nn.Module):
    """A transformer over the tokens of all inputs, after learned query tokens if there are any."""

    def __init__(self, num_tokens: int, num_read: int, config: WindowedEncoderConfig) -> None:
        super().__init__()
        width = config.cross.width
        has_queries = config.readout == "queries"
        if not has_queries and num_read > num_tokens:
            raise ModelError(
                f"readout: first cannot read {num_read} context tokens off inputs of {num_tokens} frames in all; "
                "choose readout: queries"
            )
        self.queries = nn.Parameter(torch.randn(num_read, width)) if has_queries else None
        self.transformer = Transformer(width, width, num_tokens + (num_read if has_queries else 0), config.cross)

    def forward(self, tokens: Float[Tensor, "M S C"]) -> Float[Tensor, "M T C"]:
        if self.queries is not None:
            tokens = torch.cat([self.queries.expand(len(tokens), -1, -1), tokens], dim=1)
        return self.transformer(tokens)


def _readings(config: WindowedEncoderConfig, num_read: Mapping[str, int]) -> dict[str, _Reading]:
    readings, first = {}, 0
    for name, count in num_read.items():
        readings[name] = _Reading(
            network="shared" if config.shared else name,
            hidden=frozenset(config.hidden.get(name, ())),
            tokens=slice(first, first + count),
        )
        first += count if config.shared else 0
    return readings


def _join(latents: Mapping[str, Tensor], hidden: frozenset[str]) -> Tensor:
    return torch.cat([latent * 0 if name in hidden else latent for name, latent in latents.items()], dim=1)


def _check_hidden(hidden: Mapping[str, tuple[str, ...]], spans: Mapping[str, Span], outputs: Mapping[str, int]) -> None:
    for output, names in hidden.items():
        if output not in outputs:
            raise ModelError(f"hidden names output {output!r}; there are: {', '.join(outputs)}")
        unknown = [name for name in names if name not in spans]
        if unknown:
            raise ModelError(f"hidden names input {unknown[0]!r}; there are: {', '.join(spans)}")
