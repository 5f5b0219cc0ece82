"""Seconds that work takes, and how they are shown."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import indent

from transflower.core.text_table import aligned_columns

Clock = Callable[[], float]


def best_seconds(work: Callable[[], object], *, budget: float = 3.0, clock: Clock = time.perf_counter) -> float:
    """The least seconds of one call, after a call to warm up; at least 3 calls, more while ``budget`` lasts."""
    work()
    stop = time.perf_counter() + budget
    taken: list[float] = []
    while len(taken) < 3 or time.perf_counter() < stop:
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to do something, and the least that it could take on this machine."""

    name: str
    seconds: float
    """For one unit of what the title counts."""
    floor: float
    """Seconds that this way cannot go below."""


def table(title: str, rows: Sequence[Row]) -> str:
    """Rows below each other, with seconds as multiples of the floor and of the first row's."""
    lines = [
        (
            row.name,
            f"{1e3 * row.seconds:.3f} ms",
            f"{1e3 * row.floor:.3f} ms",
            f"{row.seconds / row.floor:.1f}x",
            f"{1 / row.seconds:,.1f}",
            f"{row.seconds / rows[0].seconds:.1f}x",
        )
        for row in rows
    ]
    head = ("", "one takes", "floor", "of floor", "a second", "of first")
    return f"{title}\n{indent(aligned_columns([head, *lines]), '  ')}"
