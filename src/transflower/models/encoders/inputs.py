"""What an encoder is given: checks, and the windows of its positions.

Shape letters: B batch, P positions, R rows, L frames of one span, D columns.
"""

from collections.abc import Mapping

from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.rates import count_positions as count_whole_positions
from transflower.core.rates import frame_of
from transflower.core.spans import Span, StreamSpec


def check_rows(name: str, stream: StreamSpec, span: Span, rows: Tensor) -> None:
    """Refuse rows ``[B, R, D]`` of other columns than the encoder was built for, or a whole of another length.

    Raises:
        ModelError: naming the input and both shapes.
    """
    if rows.ndim != 3 or rows.shape[2] != stream.dim:
        raise ModelError(
            f"input {name!r} has shape {list(rows.shape)}, the encoder was built for [batch, rows, {stream.dim}]"
        )
    if span.mode == "single" and rows.shape[1] != span.length:
        raise ModelError(f"input {name!r} has {rows.shape[1]} rows, the encoder was built for {span.length}")


def count_positions(streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], inputs: Mapping[str, Tensor]) -> int:
    """P, on which the rows of all inputs must agree; 1 where none of them has time.

    Raises:
        ModelError: an input is missing, of another shape, or too short, or the inputs do not agree.
    """
    missing = sorted(spans.keys() - inputs.keys())
    if missing:
        raise ModelError(f"the encoder also reads {', '.join(map(repr, missing))}; give it with the other inputs")
    further = {}
    for name, span in spans.items():
        check_rows(name, streams[name], span, inputs[name])
        if span.mode != "single":
            further[name] = inputs[name].shape[1] - span.length
    rates = {name: spans[name].rate for name in further}
    # Frames of a slow input do not tell how many positions share the last of them.
    telling = (name for name, rate in rates.items() if rate.denominator == 1)
    positions = next((count_whole_positions(further[name], rates[name]) + 1 for name in telling), 1)
    if positions < 1 or any(count != frame_of(positions - 1, rates[name]) for name, count in further.items()):
        found = ", ".join(
            f"{name!r} {max(0, count_whole_positions(count, rates[name]) + 1)}" for name, count in further.items()
        )
        raise ModelError(f"all inputs must hold frames for the same number of positions, at least 1; found: {found}")
    return positions


def unfold_windows(rows: Shaped[Tensor, "B R D"], span: Span, positions: int) -> Shaped[Tensor, "B P L D"]:
    """The window of every position."""
    rate = span.rate
    windows = rows.unfold(1, span.length, rate.numerator).transpose(2, 3)
    if rate.denominator == 1:
        return windows
    return windows.repeat_interleave(rate.denominator, dim=1)[:, :positions]
