"""Dancers, frame by frame: the windowed model beside the live one of the same size, in all precisions.

Floor: reading every weight once, or the matrix products, whichever takes longer. The weights are random.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

import torch

from benchmarks.holes import DIMS
from benchmarks.machine import bytes_per_second, count_flops, flops_per_second
from benchmarks.models import describe, make_batch, make_preset
from benchmarks.timing import Row, best_seconds, table
from transflower.models.inference import prepare, weight_bytes
from transflower.models.sequence_model import SequenceModel
from transflower.nn.noise import NoiseSource
from transflower.nn.quantised import Precision

PAIRS = (("transflower-tiny", "live-tiny"), ("transflower", "live-paper"))
"""Presets of about the same size: windowed and live."""
REFERENCE_FLOPS = 1e11
"""Of matrix products in float32, a second: the machine that rates are also stated for."""


@dataclass(frozen=True, kw_only=True)
class _Speed:
    """A model at work on so many rows at once."""

    label: str
    size: str
    batch_size: int
    seconds: float
    """Of a step of all rows."""
    flops: float
    weights: int
    """Bytes, read once a step."""
    bandwidth: float
    """Bytes a second of products of one vector with as many bytes, measured right after the step."""

    @property
    def row(self) -> Row:
        """A frame of one row."""
        floor = max(self.flops / flops_per_second(), self.weights / self.bandwidth)
        name = f"{self.label} ({self.size}, {self.weights / 1e6:.0f} MB)"
        return Row(name=name, seconds=self.seconds / self.batch_size, floor=floor / self.batch_size)

    def remark(self, first: "_Speed") -> str:
        """Rates, and what they are as shares of others."""
        frames, rate = self.batch_size / self.seconds, self.weights / self.seconds
        return (
            f"  {self.label}: {frames:.1f} frames a second, {frames * REFERENCE_FLOPS / flops_per_second():.1f} at "
            f"{REFERENCE_FLOPS / 1e9:.0f} GFLOP/s; {first.seconds / self.seconds:.1f} times {first.label}; weights at "
            f"{rate / 1e9:.1f} of {self.bandwidth / 1e9:.1f} GB/s, {rate / self.bandwidth:.0%}"
        )


def run(*, pairs: Sequence[tuple[str, str]] = PAIRS, batch_sizes: Sequence[int] = (1, 16), budget: float = 1.0) -> str:
    """Measure a frame of one row, for several batch sizes, with all that they look back on in place."""
    return "\n\n".join(_compare(*pair, count, budget) for pair in pairs for count in batch_sizes)


def _compare(windowed: str, live: str, batch_size: int, budget: float) -> str:
    speeds = [_measure(windowed, "fp32", batch_size, budget)]
    speeds += [_measure(live, precision, batch_size, budget) for precision in get_args(Precision)]
    title = (
        f"generation: frames of a row, {batch_size} at a time; threads: {torch.get_num_threads()}, "
        f"{flops_per_second() / 1e9:.0f} GFLOP/s"
    )
    return "\n".join(
        [table(title, [speed.row for speed in speeds]), *(speed.remark(speeds[0]) for speed in speeds[1:])]
    )


def _measure(preset: str, precision: Precision, batch_size: int, budget: float) -> _Speed:
    model = make_preset(preset)[0].eval().requires_grad_(False)
    size = describe(model)
    flops = count_flops(make_step(model, batch_size=batch_size))  # Packed products cannot be counted.
    prepared = prepare(model, precision)
    step, weights = make_step(prepared, batch_size=batch_size), weight_bytes(prepared)
    return _Speed(
        label=f"{preset} {precision}",
        size=size,
        batch_size=batch_size,
        flops=flops,
        weights=weights,
        seconds=best_seconds(step, budget=budget),
        bandwidth=bytes_per_second(weights),
    )


def make_step(model: SequenceModel, *, batch_size: int = 1) -> Callable[[], None]:
    """A call that draws the next frame of each row and takes in what follows."""
    noise = NoiseSource(0, batch_size)
    stream = model.stream(batch_size)
    known = make_batch(model, rows=batch_size, positions=1 + model.history)["inputs"]
    for name, frames in known.items():
        stream.push(name, frames)
    for _ in range(model.history):
        stream.skip()
    music = torch.randn(batch_size, 1, DIMS["audio"])

    def step() -> None:
        stream.step(noise)
        stream.push_drawn("motion", slice(0, 1))
        stream.push("audio", music)

    return step
