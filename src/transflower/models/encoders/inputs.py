"""Checks of what an encoder is given.

Shape letters: B batch, P positions, R rows, L frames of one span, D columns.
"""

from collections.abc import Mapping

from torch import Tensor

from transflower.core.errors import ModelError
from transflower.models.encoders.base import InputSpec


def check_rows(name: str, spec: InputSpec, rows: Tensor) -> None:
    """Refuse rows ``[B, R, D]`` of other columns than the encoder was built for, or a whole of another length.

    Raises:
        ModelError: naming the input and both shapes.
    """
    if rows.ndim != 3 or rows.shape[2] != spec.stream.dim:
        raise ModelError(
            f"input {name!r} has shape {list(rows.shape)}, the encoder was built for [batch, rows, {spec.stream.dim}]"
        )
    if spec.stream.mode == "single" and rows.shape[1] != spec.span.length:
        raise ModelError(f"input {name!r} has {rows.shape[1]} rows, the encoder was built for {spec.span.length}")


def count_positions(specs: Mapping[str, InputSpec], inputs: Mapping[str, Tensor]) -> int:
    """P, on which the rows of all inputs must agree; 1 where none of them has time.

    Raises:
        ModelError: an input is missing, of another shape, or too short, or the inputs do not agree.
    """
    missing = sorted(specs.keys() - inputs.keys())
    if missing:
        raise ModelError(f"the encoder also reads {', '.join(map(repr, missing))}; give it with the other inputs")
    counts = {}
    for name, spec in specs.items():
        check_rows(name, spec, inputs[name])
        if spec.stream.mode != "single":
            counts[name] = inputs[name].shape[1] - spec.span.length + 1
    if any(count < 1 or count != next(iter(counts.values())) for count in counts.values()):
        found = ", ".join(f"{name!r} {max(0, count)}" for name, count in counts.items())
        raise ModelError(f"all inputs must hold frames for the same number of positions, at least 1; found: {found}")
    return next(iter(counts.values()), 1)
