"""Small encoders of every kind, with inputs of every mode and kind."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from tests.nn.factories import disturbed, randn
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders import ENCODERS, Encoder
from transflower.nn.causal import CausalConfig
from transflower.nn.transformer import TransformerConfig


class Input(NamedTuple):
    """What the rows of an input are, and which of them a position needs."""

    stream: StreamSpec
    span: Span


LOOKAHEAD = 2
OUTPUTS = {"motion": 2, "face": 1}
TIMELESS = {
    "style": Input(StreamSpec(dim=2, kind="categorical", num_classes=3), Span(start=0, length=2, mode="tile")),
    "person": Input(StreamSpec(dim=4), Span(start=0, length=3, mode="single")),
}


def motion(start: int, length: int, *, dim: int = 3) -> Input:
    return Input(StreamSpec(dim=dim), Span(start=start, length=length))


def beats(start: int, length: int) -> Input:
    return Input(StreamSpec(dim=1, kind="categorical", num_classes=4), Span(start=start, length=length))


def unzipped(inputs: Mapping[str, Input]) -> tuple[dict[str, StreamSpec], dict[str, Span]]:
    """Streams and spans, as encoders take them."""
    return {name: one.stream for name, one in inputs.items()}, {name: one.span for name, one in inputs.items()}


_WINDOWS = {"motion": motion(-4, 4), "audio": motion(-4, 6, dim=2), "beats": beats(0, 1), **TIMELESS}
TINY_INPUTS = {
    "windowed": _WINDOWS,
    "concat": _WINDOWS,
    "causal": {
        "motion": motion(-1, 1),
        "audio": motion(0, 1 + LOOKAHEAD, dim=2),
        "beats": beats(0, 1 + LOOKAHEAD),
        **TIMELESS,
    },
}
_TRANSFORMER = TransformerConfig(width=8, layers=1, heads=2, positions="both")
TINY_OPTIONS = {
    "concat": {"width": 8, "class_width": 3},
    "windowed": {"input": _TRANSFORMER, "cross": _TRANSFORMER},
    "causal": {"width": 8, "layers": 2, "heads": 2, "window": 5, "music": CausalConfig(width=12, heads=2, window=4)},
}
"""Small options of every registered encoder; one more encoder is one more line here and above."""


def make_encoder(
    name: str,
    *,
    inputs: Mapping[str, Input] | None = None,
    outputs: Mapping[str, int] = OUTPUTS,
    **options,
) -> Encoder:
    """With parameters that are not what they start with."""
    torch.manual_seed(0)
    config = ENCODERS[name](**TINY_OPTIONS[name] | options)
    streams, spans = unzipped(TINY_INPUTS[name] if inputs is None else inputs)
    encoder = config.build(streams=streams, spans=spans, outputs=outputs)
    return disturbed(encoder).double()


def make_inputs(encoder: Encoder, *, batch: int = 2, positions: int = 3, seed: int = 0) -> dict[str, Tensor]:
    """What ``encoder`` needs for so many positions."""
    inputs = {}
    for index, (name, span) in enumerate(encoder.spans.items()):
        stream = encoder.streams[name]
        rows = randn(batch, span.extended(positions).length, stream.dim, seed=100 * seed + index)
        if stream.kind == "categorical":
            rows = (1000 * rows).long() % stream.num_classes
        inputs[name] = rows[:, :1].expand_as(rows) if span.mode == "tile" else rows
    return inputs


def rows_seen(context: Tensor, rows: Tensor) -> list[int]:
    """Which rows of the first batch row have an influence on ``context``."""
    (grad,) = torch.autograd.grad(context.square().sum(), rows, retain_graph=True)
    return (grad[0].abs().amax(-1) > 0).nonzero().flatten().tolist()
