"""Dancers, frame by frame: the windowed model beside the live one of the same size, in all precisions.

Floor: reading every weight once, or the matrix products, whichever takes longer. The weights are random.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

import torch

from benchmarks.machine import bytes_per_second, count_flops, flops_per_second
from benchmarks.models import DIMS, describe, make_batch, make_preset
from benchmarks.timing import Row, best_seconds, table
from transflower.models import Model
from transflower.models.inference import prepare, weight_bytes
from transflower.nn.noise import NoiseSource
from transflower.nn.quantised import Precision

PAIRS = (("transflower-tiny", "live-tiny"), ("transflower", "live-paper"))
"""Presets of about the same size: windowed and live."""
REFERENCE_FLOPS = 1e11
"""Of matrix products in float32, a second: the machine that rates are also stated for."""


@dataclass(frozen=True, kw_only=True)
class _Speed:
    """A model at work for so many dancers at once."""

    label: str
    size: str
    dancers: int
    seconds: float
    """Of a step of all dancers."""
    flops: float
    weights: int
    """Bytes, read once a step."""
    bandwidth: float
    """Bytes a second of products of one vector with as many bytes, measured right after the step."""

    @property
    def row(self) -> Row:
        """A frame of one dancer."""
        floor = max(self.flops / flops_per_second(), self.weights / self.bandwidth)
        name = f"{self.label} ({self.size}, {self.weights / 1e6:.0f} MB)"
        return Row(name=name, seconds=self.seconds / self.dancers, floor=floor / self.dancers)

    def remark(self, first: "_Speed") -> str:
        """Rates, and what they are as shares of others."""
        frames, rate = self.dancers / self.seconds, self.weights / self.seconds
        return (
            f"  {self.label}: {frames:.1f} frames a second, {frames * REFERENCE_FLOPS / flops_per_second():.1f} at "
            f"{REFERENCE_FLOPS / 1e9:.0f} GFLOP/s; {first.seconds / self.seconds:.1f} times {first.label}; weights at "
            f"{rate / 1e9:.1f} of {self.bandwidth / 1e9:.1f} GB/s, {rate / self.bandwidth:.0%}"
        )


def run(*, pairs: Sequence[tuple[str, str]] = PAIRS, dancers: Sequence[int] = (1, 16), budget: float = 1.0) -> str:
    """Measure a frame of one dancer, for several numbers of dancers, with all that they look back on in place."""
    return "\n\n".join(_compare(*pair, count, budget) for pair in pairs for count in dancers)


def _compare(windowed: str, live: str, dancers: int, budget: float) -> str:
    speeds = [_measure(windowed, "fp32", dancers, budget)]
    speeds += [_measure(live, precision, dancers, budget) for precision in get_args(Precision)]
    title = (
        f"generation: frames of a dancer, {dancers} at a time; threads: {torch.get_num_threads()}, "
        f"{flops_per_second() / 1e9:.0f} GFLOP/s"
    )
    return "\n".join(
        [table(title, [speed.row for speed in speeds]), *(speed.remark(speeds[0]) for speed in speeds[1:])]
    )


def _measure(preset: str, precision: Precision, dancers: int, budget: float) -> _Speed:
    model = make_preset(preset)[0].eval().requires_grad_(False)
    size = describe(model)
    step = make_step(model, dancers=dancers)
    flops = count_flops(step)
    weights = weight_bytes(prepare(model, precision))
    return _Speed(
        label=f"{preset} {precision}",
        size=size,
        dancers=dancers,
        flops=flops,
        weights=weights,
        seconds=best_seconds(step, budget=budget),
        bandwidth=bytes_per_second(weights),
    )


def make_step(model: Model, *, dancers: int = 1) -> Callable[[], None]:
    """A call that draws the next frame of each dancer and takes in what follows."""
    noise = NoiseSource(0, dancers)
    stream = model.stream(dancers)
    known = make_batch(model, rows=dancers, positions=1 + model.history)["inputs"]
    for name, frames in known.items():
        stream.push(name, frames)
    for _ in range(model.history):
        stream.skip()
    music = torch.randn(dancers, 1, DIMS["audio"])

    def step() -> None:
        drawn = stream.step(noise)["motion"]
        stream.push("motion", drawn[:, :1])
        stream.push("audio", music)

    return step
