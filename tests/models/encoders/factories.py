"""Small encoders of every kind, with inputs of every mode and kind."""

from collections.abc import Mapping

import torch
from torch import Tensor

from tests.nn.factories import disturbed, randn
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders import ENCODERS, Encoder, InputSpec
from transflower.nn.causal import CausalConfig
from transflower.nn.transformer import TransformerConfig

LOOKAHEAD = 2
OUTPUTS = {"motion": 2, "face": 1}
TIMELESS = {
    "style": InputSpec(
        stream=StreamSpec(dim=2, kind="categorical", mode="tile", num_classes=3), span=Span(start=0, length=2)
    ),
    "person": InputSpec(stream=StreamSpec(dim=4, mode="single"), span=Span(start=0, length=3)),
}


def motion(start: int, length: int, *, dim: int = 3) -> InputSpec:
    return InputSpec(stream=StreamSpec(dim=dim), span=Span(start=start, length=length))


def beats(start: int, length: int) -> InputSpec:
    stream = StreamSpec(dim=1, kind="categorical", num_classes=4)
    return InputSpec(stream=stream, span=Span(start=start, length=length))


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
    inputs: Mapping[str, InputSpec] | None = None,
    outputs: Mapping[str, int] = OUTPUTS,
    **options,
) -> Encoder:
    """With parameters that are not what they start with."""
    torch.manual_seed(0)
    config = ENCODERS[name](**TINY_OPTIONS[name] | options)
    encoder = config.build(inputs=TINY_INPUTS[name] if inputs is None else inputs, outputs=outputs)
    return disturbed(encoder).double()


def make_inputs(encoder: Encoder, *, batch: int = 2, positions: int = 3, seed: int = 0) -> dict[str, Tensor]:
    """What ``encoder`` needs for so many positions."""
    inputs = {}
    for index, (name, spec) in enumerate(encoder.inputs.items()):
        num_rows = spec.span.length + (positions - 1) * (spec.stream.mode != "single")
        rows = randn(batch, num_rows, spec.stream.dim, seed=100 * seed + index)
        if spec.stream.kind == "categorical":
            rows = (1000 * rows).long() % spec.stream.num_classes
        inputs[name] = rows[:, :1].expand_as(rows) if spec.stream.mode == "tile" else rows
    return inputs


def rows_seen(context: Tensor, rows: Tensor) -> list[int]:
    """Which rows of the first batch row have an influence on ``context``."""
    (grad,) = torch.autograd.grad(context.square().sum(), rows, retain_graph=True)
    return (grad[0].abs().amax(-1) > 0).nonzero().flatten().tolist()
