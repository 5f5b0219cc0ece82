"""Optimiser steps of the presets: a windowed model learns from few frames of a window, a causal one from all it reads.

Floor: the matrix products, forward and backward. Of large models batches are small, or it would take an hour; one
window fills a core all the same.
"""

from collections.abc import Callable, Mapping

from benchmarks.machine import floor_seconds
from benchmarks.models import describe, make_batch, make_preset, num_bytes
from benchmarks.timing import Row, best_seconds, table
from transflower.models import Model
from transflower.training import TrainingConfig
from transflower.training.stepper import Stepper

PAIRS: Mapping[tuple[str, str], int] = {("live-tiny", "transflower-tiny"): 64, ("live-paper", "transflower"): 1}
"""Presets of one size, and the most windows that a batch of theirs shall have here."""


def run(*, pairs: Mapping[tuple[str, str], int] = PAIRS, budget: float = 3.0) -> str:
    """Measure presets side by side."""
    return "\n\n".join(
        table(
            f"training: frames whose density is learnt, batches of at most {most_rows} windows",
            [_measure(name, most_rows=most_rows, budget=budget) for name in pair],
        )
        for pair, most_rows in pairs.items()
    )


def _measure(name: str, *, most_rows: int, budget: float) -> Row:
    model, config = make_preset(name)
    rows = min(most_rows, config.batch_size)
    step = make_step(model, config, rows=rows)
    (output,) = model.config.outputs.values()
    targets = rows * config.positions * output.length
    return Row(
        name=f"{name} ({describe(model)})",
        seconds=best_seconds(step, budget=budget) / targets,
        floor=floor_seconds(step, num_bytes=num_bytes(model)) / targets,
    )


def make_step(model: Model, config: TrainingConfig, *, rows: int) -> Callable[[], bool]:
    """A call that learns from one random batch."""
    batch = make_batch(model, rows=rows, positions=config.positions)
    stepper = Stepper(config.objective.build(model.train(), config.optimiser), config)
    return lambda: stepper.step([batch], 0, share=1.0)
