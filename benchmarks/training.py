"""Optimiser steps. A windowed model learns from one position a window, a causal one from every frame it reads.

Floor: the matrix products, forward and backward.
"""

from collections.abc import Callable

import torch

from benchmarks.machine import floor_seconds
from benchmarks.models import Size, describe, make_batch, make_causal, make_windowed, num_bytes
from benchmarks.timing import Row, best_seconds, table
from transflower.models import Model

DEFAULT_SIZE = Size(width=256, heads=4, layers=4)


def run(*, size: Size = DEFAULT_SIZE, rows: int = 4, positions: int = 240, budget: float = 3.0) -> str:
    """Measure batches of so many stretches, or windows."""
    cases = {"causal": (make_causal(size), positions), "windowed": (make_windowed(size), 1)}
    results = []
    for name, (model, count) in cases.items():
        step = make_step(model, rows=rows, positions=count)
        supervised = rows * count
        results.append(
            Row(
                name=f"{name} ({describe(model)})",
                seconds=best_seconds(step, budget=budget) / supervised,
                floor=floor_seconds(step, num_bytes=num_bytes(model)) / supervised,
            )
        )
    return table(f"training: supervised positions, batches of {rows}, width {size.width}", results)


def make_step(model: Model, *, rows: int, positions: int) -> Callable[[], None]:
    """A call that learns from one random batch."""
    batch = make_batch(model, rows=rows, positions=positions)
    optimiser = torch.optim.AdamW(model.train().parameters(), lr=1e-4)

    def step() -> None:
        optimiser.zero_grad()
        model.loss(batch)[0].backward()
        optimiser.step()

    return step
