"""Which frames of every modality make one data point, and how many data points a sequence holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from transflower.core.errors import OptionsError
from transflower.core.rates import SAME_RATE
from transflower.core.spans import Span, alignment, check_no_leak, count_windows, first_window, shortest_sequence


@dataclass(frozen=True, kw_only=True)
class WindowLayout:
    """One data point: inputs and targets of ``positions`` consecutive positions.

    Raises:
        OptionsError: no target, a target without time, an input that shows its own target.
    """

    inputs: Mapping[str, Span]
    """Frames of each that one position needs, relative to that of the position."""
    targets: Mapping[str, Span]
    positions: int = 1
    padding: bool = True
    """Let inputs extend beyond the recording, so that every frame can be a target."""

    def __post_init__(self) -> None:
        if self.positions < 1:
            raise OptionsError(f"a data point needs at least 1 position, got {self.positions}")
        if not self.targets:
            raise OptionsError("nothing to predict: name at least one output")
        for name, span in self.targets.items():
            if span.mode != "sequence":
                raise OptionsError(f"output {name!r} has mode {span.mode!r}; only time-synced outputs can be predicted")
        for name, span in self.inputs.items():
            if self.positions % (count := span.rate.denominator):
                raise OptionsError(
                    f"{name!r} has one frame for every {count} positions: training.positions must be a multiple of "
                    f"{count}, got {self.positions}"
                )
        check_no_leak(self.inputs, self.targets)

    def at_rates(self, rates: Mapping[str, Fraction]) -> "WindowLayout":
        """The same for modalities of these frames for each position, one where nothing is said.

        Raises:
            OptionsError: the windows do not begin and end with frames of a slow modality.
        """
        inputs = {name: replace(span, rate=rates.get(name, SAME_RATE)) for name, span in self.inputs.items()}
        return replace(self, inputs=inputs)

    @cached_property
    def step(self) -> int:
        """Positions between one data point and the next."""
        return alignment(self.inputs.values())

    @cached_property
    def first_position(self) -> int:
        """The first position of the first data point."""
        return first_window(self._needed, step=self.step)

    @cached_property
    def min_frames(self) -> int:
        """Length in positions of the shortest sequence that holds a data point."""
        return shortest_sequence(self._needed, step=self.step)

    def count(self, num_frames: int) -> int:
        """Data points in a sequence of so many positions, ``step`` apart."""
        return count_windows(num_frames, self._needed, step=self.step)

    @cached_property
    def _needed(self) -> list[Span]:
        """What must exist of every data point: with padding only the targets."""
        synced = [] if self.padding else [span for span in self.inputs.values() if span.mode == "sequence"]
        return [span.extended(self.positions) for span in (*synced, *self.targets.values())]
