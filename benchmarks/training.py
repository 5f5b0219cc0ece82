"""Optimiser steps of the presets: a windowed model learns from few frames of a window, a causal one from all it reads.

Floor: the matrix products, forward and backward. Batches are small, so that large models fit; on one core that costs
little, as they fill it all the same.
"""

from collections.abc import Callable, Sequence

from benchmarks.machine import floor_seconds
from benchmarks.models import describe, make_batch, make_preset, num_bytes
from benchmarks.timing import Row, best_seconds, table
from transflower.models import Model
from transflower.training import TrainingConfig

PAIRS = (("live-tiny", "transflower-tiny"), ("live-paper", "transflower"))


def run(*, pairs: Sequence[Sequence[str]] = PAIRS, rows: int = 2, budget: float = 3.0) -> str:
    """Measure presets side by side, in batches of so many windows."""
    return "\n\n".join(
        table(
            f"training: frames whose density is learnt, batches of {rows}",
            [_measure(name, rows=rows, budget=budget) for name in pair],
        )
        for pair in pairs
    )


def _measure(name: str, *, rows: int, budget: float) -> Row:
    model, config = make_preset(name)
    step = make_step(model, config, rows=rows)
    (output,) = model.config.outputs.values()
    targets = rows * config.positions * output.length
    return Row(
        name=f"{name} ({describe(model)})",
        seconds=best_seconds(step, budget=budget) / targets,
        floor=floor_seconds(step, num_bytes=num_bytes(model)) / targets,
    )


def make_step(model: Model, config: TrainingConfig, *, rows: int) -> Callable[[], None]:
    """A call that learns from one random batch."""
    batch = make_batch(model, rows=rows, positions=config.positions)
    optimiser = config.optimiser.build(model.train().parameters())

    def step() -> None:
        optimiser.zero_grad()
        model.loss(batch)[0].backward()
        optimiser.step()

    return step
