"""Which frames of every modality make one data point, and how many data points a sequence holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from transflower.core.errors import OptionsError
from transflower.core.spans import Kind, Mode, Span, check_no_leak, count_windows


@dataclass(frozen=True, kw_only=True)
class ModalityWindow:
    """The frames of one modality that one position needs."""

    span: Span
    """Frames relative to the position; for ``tile`` and ``single`` only the length counts."""
    mode: Mode = "sequence"
    """Time-synced rows, one row repeated, or used whole without time."""
    kind: Kind = "continuous"
    """Real values, or class indices."""


@dataclass(frozen=True, kw_only=True)
class WindowLayout:
    """One data point: inputs and targets of ``positions`` consecutive positions.

    Raises:
        OptionsError: no target, a target without time, an input that shows its own target.
    """

    inputs: Mapping[str, ModalityWindow]
    targets: Mapping[str, ModalityWindow]
    positions: int = 1
    padding: bool = True
    """Let inputs extend beyond the recording, so that every frame can be a target."""

    def __post_init__(self) -> None:
        if self.positions < 1:
            raise OptionsError(f"a data point needs at least 1 position, got {self.positions}")
        if not self.targets:
            raise OptionsError("nothing to predict: name at least one output")
        for name, window in self.targets.items():
            if window.mode != "sequence":
                raise OptionsError(
                    f"output {name!r} has mode {window.mode!r}; only time-synced outputs can be predicted"
                )
        check_no_leak(
            {name: window.span for name, window in self.inputs.items() if window.mode == "sequence"},
            {name: window.span for name, window in self.targets.items()},
        )

    @cached_property
    def first_position(self) -> int:
        """Frame of the first position of the first data point."""
        return -min(span.start for span in self._spans) - self._padding_before

    @cached_property
    def min_frames(self) -> int:
        """Shortest sequence that holds a data point."""
        extent = max(span.stop for span in self._spans) - min(span.start for span in self._spans)
        return extent - self._padding_before - self._padding_after

    def count(self, num_frames: int) -> int:
        """Data points in a sequence, one frame apart."""
        return count_windows(self._padding_before + num_frames + self._padding_after, self._spans)

    @cached_property
    def _targets(self) -> list[Span]:
        return [window.span.extended(self.positions) for window in self.targets.values()]

    @cached_property
    def _spans(self) -> list[Span]:
        synced = [window.span for window in self.inputs.values() if window.mode == "sequence"]
        return [*(span.extended(self.positions) for span in synced), *self._targets]

    @cached_property
    def _padding_before(self) -> int:
        if not self.padding:
            return 0
        return min(span.start for span in self._targets) - min(span.start for span in self._spans)

    @cached_property
    def _padding_after(self) -> int:
        if not self.padding:
            return 0
        return max(span.stop for span in self._spans) - max(span.stop for span in self._targets)
