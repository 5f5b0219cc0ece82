"""Statistics of the values of a feature, computed in one pass over each array in float64.

Shape letters: T rows, D columns.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError
from transflower.core.spans import Kind

_MAX_CLASSES = 2**31


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """Count, mean and sum of squared deviations of rows; those of two sets of rows combine."""

    count: int
    mean: Float[np.ndarray, " D"]
    squares: Float[np.ndarray, " D"]

    @staticmethod
    def of(rows: Float[np.ndarray, "T D"]) -> "Moments":
        """Moments of at least one row."""
        # Relative to the first row, a column that does not vary has no spread at all, however large its value.
        relative = rows - rows[0]
        mean = relative.mean(0)
        relative -= mean
        return Moments(count=len(rows), mean=rows[0] + mean, squares=np.einsum("td,td->d", relative, relative))

    def merged(self, other: "Moments") -> "Moments":
        """Moments of the rows of both (Chan, Golub and LeVeque 1979)."""
        count = self.count + other.count
        gap = other.mean - self.mean
        return Moments(
            count=count,
            mean=self.mean + gap * (other.count / count),
            squares=self.squares + other.squares + gap**2 * (self.count * other.count / count),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Contents:
    """What one array holds."""

    moments: Moments | None = None
    """For continuous values."""
    num_classes: int = 0
    """For class indices: one more than the largest."""
    digest: str = ""
    """Of the number of rows and all values, as they are read."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Statistics:
    """Mean and standard deviation of every column of a continuous modality over the training split."""

    mean: Float[np.ndarray, " D"]
    std: Float[np.ndarray, " D"]


def measure(chunks: Iterable[np.ndarray], kind: Kind, path: Path) -> Contents:
    """Look at every value of at least one row once; each chunk is ``[T, D]``.

    Raises:
        FormatError: values that are not finite, or no class indices; the first is named, all are counted.
    """
    parts: list[Contents] = []
    num_bad, num_rows, digest, first = 0, 0, 0, (0, 0, 0.0)
    for rows in chunks:
        values, bad = _values(rows, kind)
        if bad.any():
            if not num_bad:
                frame, column = np.argwhere(bad)[0].tolist()
                first = num_rows + frame, column, rows[frame, column]
            num_bad += int(bad.sum())
        elif not num_bad:
            digest = zlib.crc32(np.ascontiguousarray(values).data, digest)
            parts.append(_contents(values, kind))
        num_rows += len(rows)
    if num_bad:
        frame, column, value = first
        wanted = "a finite number" if kind == "continuous" else "a class index (0, 1, 2, ...)"
        others = f"; {num_bad - 1} more values are not either" if num_bad > 1 else ""
        raise FormatError(path, f"column {column} is {value}, not {wanted}{others}", frame=frame)
    return replace(reduce(_merged, parts), digest=f"{num_rows}:{digest:08x}")


def combine(contents: Iterable[Contents]) -> Statistics:
    """Statistics of the rows of several continuous arrays, every row counting the same."""
    moments = reduce(Moments.merged, (part.moments for part in contents if part.moments is not None))
    return Statistics(mean=moments.mean, std=np.sqrt(moments.squares / moments.count))


def _values(rows: np.ndarray, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Rows as numbers to calculate with, and which of them are bad."""
    if kind == "categorical":
        indices = rows.astype(np.float64)
        return indices, ~((indices >= 0) & (indices < _MAX_CLASSES) & (indices == np.floor(indices)))
    with np.errstate(over="ignore"):  # What float32 cannot hold becomes infinite here, as it would for the model.
        values = rows.astype(np.float32)
    return values, ~np.isfinite(values)


def _contents(chunk: np.ndarray, kind: Kind) -> Contents:
    if kind == "categorical":
        return Contents(num_classes=int(chunk.max()) + 1)
    return Contents(moments=Moments.of(chunk.astype(np.float64)))


def _merged(first: Contents, second: Contents) -> Contents:
    if first.moments is None or second.moments is None:
        return Contents(num_classes=max(first.num_classes, second.num_classes))
    return Contents(moments=first.moments.merged(second.moments))
