"""What published options say of the modalities, in lists that are aligned by position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.models.options import InputConfig, OutputConfig
from transflower.published.weights import Settings, text

Side = Literal["input", "output"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """Columns and frames of one modality."""

    dim: int
    length: int
    offset: int


def windows_of(settings: Settings, side: Side, *, lengths: Sequence[int] | None = None) -> dict[str, Window]:
    """The modalities of a side, by name; ``lengths`` take the place of the data's own.

    Raises:
        ModelError: lists of different lengths, or modalities that are no plain sequences.
    """
    names = text(settings, f"{side}_modalities", "").split(",")
    dims = integers(settings, "dins" if side == "input" else "douts")
    lengths = integers(settings, f"{side}_lengths") if lengths is None else lengths
    offsets = integers(settings, f"{side}_time_offsets")
    offsets = offsets * len(names) if len(offsets) == 1 else offsets
    if not len(names) == len(dims) == len(lengths) == len(offsets):
        raise ModelError(
            f"the {side}s are {', '.join(names)}; there must be a size, a length and an offset for each, and there are "
            f"{len(dims)}, {len(lengths)} and {len(offsets)}"
        )
    if min(*dims, *lengths) < 1:
        raise ModelError(f"sizes and lengths of the {side}s must be at least 1, got {dims} and {lengths}")
    _check_plain(settings, side)
    columns = zip(dims, lengths, offsets, strict=True)
    return {
        name: Window(dim=dim, length=length, offset=offset)
        for name, (dim, length, offset) in zip(names, columns, strict=True)
    }


def input_configs(windows: Mapping[str, Window]) -> dict[str, InputConfig]:
    """Options of ours."""
    return {name: InputConfig(length=window.length, offset=window.offset) for name, window in windows.items()}


def output_configs(windows: Mapping[str, Window]) -> dict[str, OutputConfig]:
    """Options of ours."""
    return {name: OutputConfig(length=window.length, offset=window.offset) for name, window in windows.items()}


def streams_of(windows: Mapping[str, Window]) -> dict[str, StreamSpec]:
    """What the data are."""
    return {name: StreamSpec(dim=window.dim) for name, window in windows.items()}


def integers(settings: Settings, name: str) -> list[int]:
    """A setting that is a list of numbers, with commas between.

    Raises:
        ModelError: one is no whole number.
    """
    listed = text(settings, name, "")
    try:
        return [int(entry) for entry in listed.split(",") if entry]
    except ValueError as error:
        raise ModelError(f"the published setting {name} must list whole numbers, got {listed!r}") from error


def _check_plain(settings: Settings, side: Side) -> None:
    for name, plain in ((f"{side}_types", "c"), (f"{side}_proc_types", "none")):
        if set(text(settings, name, plain).split(",")) != {plain}:
            raise ModelError(f"published weights with {name} {settings[name]} cannot be read; {plain} can")
