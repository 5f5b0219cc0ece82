"""Spans: the frames of each modality that a prediction needs, and the one formula that counts windows.

Frames are integers relative to some origin; a span is half open. Where a modality has another rate than the positions
(``core.rates``), its spans count its own frames, and windows begin at positions that begin a frame of it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from transflower.core.errors import OptionsError
from transflower.core.rates import SAME_RATE, count_frames, count_positions, frame_of

Kind = Literal["continuous", "categorical"]
Mode = Literal["sequence", "tile", "single"]

UNKNOWN_CLASS = -1
"""Class index of frames before the start of a sequence."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Frames ``start .. start + length``, relative to the frame of a position, or to the origin of a data point."""

    start: int
    length: int
    rate: Fraction = SAME_RATE
    """Frames for each position: a whole number, or 1 divided by one."""
    mode: Mode = "sequence"
    """Time-synced rows, one row repeated, or used whole without time. Of the last two only the length counts."""

    def __post_init__(self) -> None:
        if self.length < 1:
            raise OptionsError(f"a window needs at least 1 frame, got length {self.length}")

    @property
    def stop(self) -> int:
        """First frame after the span."""
        return self.start + self.length

    def extended(self, positions: int) -> "Span":
        """The frames that ``positions`` consecutive positions need together, from one on that begins a frame."""
        if self.mode == "single":
            return self
        return replace(self, length=self.length + frame_of(positions - 1, self.rate))

    def shifted(self, frames: int) -> "Span":
        """The same span ``frames`` later."""
        return replace(self, start=self.start + frames)

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a frame."""
        return self.start < other.stop and other.start < self.stop


@dataclass(frozen=True, kw_only=True)
class StreamSpec:
    """What the rows of one modality are, as found in the data; never an option."""

    dim: int
    """Columns of the array; for categorical streams the number of index columns."""
    kind: Kind = "continuous"
    """Real values, or class indices."""
    num_classes: int = 0
    """Categorical streams: indices are below this; 0 for continuous ones."""
    fps: float | None = None
    """Frames per second, where they are known."""


def alignment(spans: Iterable[Span]) -> int:
    """Windows begin at multiples of so many positions: each of these begins a frame of every modality."""
    return math.lcm(*(span.rate.denominator for span in spans))


def first_window(spans: Sequence[Span], *, step: int | None = None) -> int:
    """The first position from which a window of all ``spans`` can begin.

    Args:
        spans: those of each modality that a window needs together.
        step: windows begin at multiples of it; by default the alignment of ``spans``.
    """
    step = step or alignment(spans)
    # The ceiling of -start / rate.
    first = max(-(span.start * span.rate.denominator // span.rate.numerator) for span in spans)
    return -(-first // step) * step


def shortest_sequence(spans: Sequence[Span], *, step: int | None = None) -> int:
    """Length in positions of the shortest sequence that holds a window of all ``spans``."""
    first = first_window(spans, step=step)
    last_frames = [(frame_of(first, span.rate) + span.stop - 1, span.rate) for span in spans]
    return max(count_positions(frame, rate) + 1 for frame, rate in last_frames)


def count_windows(num_positions: int, spans: Sequence[Span], *, step: int | None = None) -> int:
    """How many windows of all ``spans`` fit into a sequence: the formula of data set, checks and sampler.

    Args:
        num_positions: length of the sequence, which is its number of frames of the first output.
        spans: those of each modality that a window needs together.
        step: windows begin at multiples of it; by default the alignment of ``spans``.
    """
    step = step or alignment(spans)
    last = min(count_positions(count_frames(num_positions, span.rate) - span.stop, span.rate) for span in spans)
    return max(0, (last - first_window(spans, step=step)) // step + 1)


def check_no_leak(inputs: Mapping[str, Span], targets: Mapping[str, Span]) -> None:
    """Refuse an autoregressive input that holds frames of its own target.

    Both are the spans of one position. Inputs without time hold no frames of it.

    Raises:
        OptionsError: naming the modality and both spans.
    """
    for name in inputs.keys() & targets.keys():
        seen, predicted = inputs[name], targets[name]
        if seen.mode == "sequence" and seen.overlaps(predicted):
            raise OptionsError(
                f"input {name!r} shows frames [{seen.start}, {seen.stop}) of what it must predict, "
                f"[{predicted.start}, {predicted.stop}); shorten its length or move its offset back"
            )
