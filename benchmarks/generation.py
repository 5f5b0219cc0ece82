"""Dancers, frame by frame: the windowed model beside the live one of the same size, in all precisions.

Floor: reading every weight once, or the matrix products, whichever takes longer. The weights are random.
"""

from collections.abc import Callable, Sequence
from typing import get_args

import torch

from benchmarks.machine import bytes_per_second, count_flops, flops_per_second
from benchmarks.models import DIMS, describe, make_batch, make_preset
from benchmarks.timing import Row, best_seconds, table
from transflower.models import Model
from transflower.models.precision import prepare, weight_bytes
from transflower.nn.noise import NoiseSource
from transflower.nn.packed import Precision

PAIRS = (("transflower-tiny", "live-tiny"), ("transflower", "live-paper"))
"""Presets of about the same size: windowed and live."""


def run(*, pairs: Sequence[tuple[str, str]] = PAIRS, dancers: Sequence[int] = (1, 16), budget: float = 1.0) -> str:
    """Measure a frame of one dancer, for several numbers of dancers, with all that they look back on in place."""
    tables = []
    for windowed, live in pairs:
        cases: list[tuple[str, Precision]] = [(windowed, "fp32")]
        cases += [(live, precision) for precision in get_args(Precision)]
        for count in dancers:
            rows = [_measure(name, precision, count, budget) for name, precision in cases]
            tables.append(table(f"generation: frames of a dancer, {count} at a time", rows))
    return "\n\n".join(tables)


def _measure(preset: str, precision: Precision, dancers: int, budget: float) -> Row:
    model = make_preset(preset)[0].eval()
    size = describe(model)
    step = make_step(model, dancers=dancers)
    flops = count_flops(step)
    weights = weight_bytes(prepare(model, precision))
    seconds = best_seconds(step, budget=budget)
    floor = max(flops / flops_per_second(), weights / bytes_per_second(weights))
    name = f"{preset} {precision} ({size}, {weights / 1e6:.0f} MB)"
    return Row(name=name, seconds=seconds / dancers, floor=floor / dancers)


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
