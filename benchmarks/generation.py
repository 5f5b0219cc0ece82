"""One dancer, frame by frame. Floor: reading every weight once, or the matrix products."""

from collections.abc import Callable

import torch

from benchmarks.machine import floor_seconds
from benchmarks.models import Size, describe, make_batch, make_causal, make_windowed, num_bytes
from benchmarks.timing import Row, best_seconds, table
from transflower.models import Model
from transflower.nn.noise import NoiseSource

DEFAULT_SIZE = Size()


def run(*, size: Size = DEFAULT_SIZE, budget: float = 3.0) -> str:
    """Measure a step of both kinds, with all that they look back on in place."""
    models = {"causal, cached": make_causal(size), "windowed, read anew": make_windowed(size)}
    rows = []
    for name, model in models.items():
        step = make_step(model.eval())
        seconds = best_seconds(step, budget=budget)
        floor = floor_seconds(step, num_bytes=num_bytes(model))
        rows.append(Row(name=f"{name} ({describe(model)})", seconds=seconds, floor=floor))
    return table(f"generation: frames, of one dancer, width {size.width}", rows)


def make_step(model: Model) -> Callable[[], None]:
    """A call that draws the next frame and takes in what follows."""
    noise = NoiseSource(0, 1)
    stream = model.stream(1)
    known = make_batch(model, rows=1, positions=1 + model.history)["inputs"]
    for name, frames in known.items():
        stream.push(name, frames)
    for _ in range(model.history):
        stream.skip()
    music = torch.randn_like(known["audio"][:, :1])

    def step() -> None:
        drawn = stream.step(noise)["motion"]
        stream.push("motion", drawn[:, :1])
        stream.push("audio", music)

    return step
