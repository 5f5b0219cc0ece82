"""Spans: the frames of each modality that a prediction needs, and the one formula that counts windows.

Frames are integers relative to some origin; a span is half open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from transflower.core.errors import OptionsError

Kind = Literal["continuous", "categorical"]
Mode = Literal["sequence", "tile", "single"]

UNKNOWN_CLASS = -1
"""Class index of frames before the start of a sequence."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Frames ``start .. start + length``, relative to a position or to the origin of a data point."""

    start: int
    length: int

    def __post_init__(self) -> None:
        if self.length < 1:
            raise OptionsError(f"a window needs at least 1 frame, got length {self.length}")

    @property
    def stop(self) -> int:
        """First frame after the span."""
        return self.start + self.length

    def extended(self, positions: int) -> "Span":
        """The frames that ``positions`` consecutive positions need together."""
        return Span(start=self.start, length=self.length + positions - 1)

    def shifted(self, frames: int) -> "Span":
        """The same span ``frames`` later."""
        return Span(start=self.start + frames, length=self.length)

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a frame."""
        return self.start < other.stop and other.start < self.stop


@dataclass(frozen=True, kw_only=True)
class StreamSpec:
    """Shape and kind of one modality, as found in the data; never an option."""

    dim: int
    """Columns of the array; for categorical streams the number of index columns."""
    kind: Kind = "continuous"
    """Real values, or class indices."""
    mode: Mode = "sequence"
    """Time-synced rows, one row repeated, or used whole without time."""
    num_classes: int = 0
    """Categorical streams: indices are below this; 0 for continuous ones."""
    fps: float | None = None
    """Frames per second, where they are known."""


def count_windows(num_frames: int, spans: Sequence[Span]) -> int:
    """How many windows of all ``spans`` fit into ``num_frames``: the formula of data set, checks and sampler."""
    extent = max(span.stop for span in spans) - min(span.start for span in spans)
    return max(0, num_frames - extent + 1)


def check_no_leak(inputs: Mapping[str, Span], targets: Mapping[str, Span]) -> None:
    """Refuse an autoregressive input that holds frames of its own target.

    Both are the spans of one position.

    Raises:
        OptionsError: naming the modality and both spans.
    """
    for name in inputs.keys() & targets.keys():
        seen, predicted = inputs[name], targets[name]
        if seen.overlaps(predicted):
            raise OptionsError(
                f"input {name!r} shows frames [{seen.start}, {seen.stop}) of what it must predict, "
                f"[{predicted.start}, {predicted.stop}); shorten its length or move its offset back"
            )
