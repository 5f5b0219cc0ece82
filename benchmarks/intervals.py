"""Means over songs with their intervals, as tables.

Shape letters: K songs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

_DRAWS = 2000


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over songs, and the interval in which 95 % of the means lie of as many songs drawn from them."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        places = 2 if abs(self.mean) < 10 else 0
        return f"{self.mean:.{places}f} ({self.low:.{places}f} to {self.high:.{places}f})"


def estimate(values: Sequence[float], *, seed: int = 0) -> Estimate:
    """Of a value of each song; songs without one are left out."""
    known: Float[np.ndarray, " K"] = np.array([value for value in values if np.isfinite(value)], float)
    if len(known) == 0:
        return Estimate(mean=np.nan, low=np.nan, high=np.nan)
    drawn = np.random.default_rng(seed).integers(len(known), size=(_DRAWS, len(known)))
    low, high = np.percentile(known[drawn].mean(axis=1), [2.5, 97.5])
    return Estimate(mean=float(known.mean()), low=float(low), high=float(high))


def table(rows: Mapping[str, Mapping[str, object]]) -> str:
    """A Markdown table of rows by name, with a column for each name that appears."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [["", *names], *([title, *(str(row.get(name, "")) for name in names)] for title, row in rows.items())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in [lines[0], rule, *lines[1:]]
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
