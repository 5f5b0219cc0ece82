"""Fréchet distances of poses and of movements: do samples have the distribution of the data?

Shape letters: N, M rows, T frames, D columns, K parts, R draws.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError

MOVEMENT_FRAMES = 3
"""Consecutive poses of a movement."""
_DRAWS_AT_ONCE = 32
"""Matrices of draws that are in memory together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSums:
    """What a Gaussian is fitted by. Those of several lots of rows add up to those of all rows."""

    count: int
    """Rows."""
    total: Float[np.ndarray, " D"]
    """Their sum."""
    products: Float[np.ndarray, "D D"]
    """The sum of their outer products with themselves."""

    @classmethod
    def of(cls, rows: Float[np.ndarray, "N D"]) -> "RowSums":
        """Those of some rows."""
        rows = np.asarray(rows, np.float64)
        return cls(count=len(rows), total=rows.sum(0), products=rows.T @ rows)

    @classmethod
    def joined(cls, parts: Iterable["RowSums"]) -> "RowSums":
        """Those of all rows of several lots."""
        one, *more = parts
        return cls(
            count=one.count + sum(part.count for part in more),
            total=sum((part.total for part in more), one.total),
            products=sum((part.products for part in more), one.products),
        )


class FrechetReference:
    """Squared Fréchet distances of Gaussians from one Gaussian, whose square root is taken once."""

    def __init__(self, reference: RowSums, *, centred: bool = True) -> None:
        """Fit the reference.

        Args:
            reference: sums of its rows; at least two.
            centred: whether covariances are centred, or second moments.
        """
        self._centred = centred
        self._mean, spread = reference.total / reference.count, _spread(reference, centred)
        self._trace = float(np.trace(spread))
        self._root = _square_root(spread)

    def distance(self, rows: RowSums) -> float:
        """The distance of some rows, at least two."""
        return float(self.distances([rows], np.zeros((1, 1), int))[0])

    def distances(self, parts: Sequence[RowSums], drawn: Int[np.ndarray, "R K"]) -> Float[np.ndarray, " R"]:
        """The distances of draws of parts, each given by the indices of its parts."""
        weights = np.stack([np.bincount(row, minlength=len(parts)) for row in drawn]).astype(float)
        counts = weights @ [part.count for part in parts]
        totals = np.stack([part.total for part in parts])
        traces = weights @ [np.trace(part.products) for part in parts]
        # tr sqrt(AB) = tr sqrt(sqrt(A) B sqrt(A)), whose argument is symmetric: no complex numbers from rounding. It is
        # linear in the sums, so that the products with sqrt(A) are made for parts, not for draws.
        turned = np.stack([self._root @ part.products @ self._root for part in parts]).reshape(len(parts), -1)
        found = np.empty(len(drawn))
        for start in range(0, len(drawn), _DRAWS_AT_ONCE):
            some = slice(start, start + _DRAWS_AT_ONCE)
            count, mean = counts[some, None], weights[some] @ totals / counts[some, None]
            products = (weights[some] @ turned).reshape(-1, *self._root.shape)
            trace = traces[some]
            if self._centred:
                at_root = mean @ self._root
                products -= count[:, :, None] * at_root[:, :, None] * at_root[:, None, :]
                trace = trace - counts[some] * np.sum(mean**2, axis=1)
            divisor = counts[some] - self._centred
            shared = np.sqrt(np.linalg.eigvalsh(products / divisor[:, None, None]).clip(min=0)).sum(axis=1)
            found[some] = np.sum((mean - self._mean) ** 2, axis=1) + self._trace + trace / divisor - 2 * shared
        return found.clip(min=0)


def frechet_distance(real: Float[np.ndarray, "N D"], fake: Float[np.ndarray, "M _"], *, centred: bool = True) -> float:
    """Squared Fréchet (Wasserstein-2) distance of two Gaussians fitted to the rows; 0 for equal ones.

    Covariances are centred; ``centred=False`` takes second moments instead, as the script of the 2021 paper does, and
    is there to compare with published numbers.

    Raises:
        DataError: different columns, values that are not finite, or not more rows than columns (the covariance would
            be singular and the number meaningless).
    """
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    _check(real, fake)
    # The distance of shifted rows is the same, and that of rows around 0 suffers least from rounding.
    middle = real.mean(0) if centred else np.zeros(real.shape[1])
    return FrechetReference(RowSums.of(real - middle), centred=centred).distance(RowSums.of(fake - middle))


def pose_distance(
    real: Iterable[Float[np.ndarray, "_ _"]], fake: Iterable[Float[np.ndarray, "_ _"]], *, centred: bool = True
) -> float:
    """FPD: Fréchet distance of single frames, pooled over sequences."""
    return frechet_distance(_pool(real), _pool(fake), centred=centred)


def movement_distance(
    real: Iterable[Float[np.ndarray, "_ _"]], fake: Iterable[Float[np.ndarray, "_ _"]], *, centred: bool = True
) -> float:
    """FMD: Fréchet distance of three consecutive frames as one row of 3 D columns, pooled over sequences."""
    return frechet_distance(_pool(map(movements, real)), _pool(map(movements, fake)), centred=centred)


def movements(frames: Float[np.ndarray, "T D"]) -> Float[np.ndarray, "_ _"]:
    """Every three consecutive frames of a sequence as one row of 3 D columns."""
    stretch = max(len(frames) - MOVEMENT_FRAMES + 1, 0)
    return np.concatenate([frames[start : start + stretch] for start in range(MOVEMENT_FRAMES)], axis=1)


def _pool(sequences: Iterable[np.ndarray]) -> np.ndarray:
    arrays = list(sequences)
    if not arrays:
        raise DataError("a Fréchet distance needs at least one sequence on each side")
    if len({array.shape[1:] for array in arrays}) > 1:
        raise DataError(f"sequences differ in columns: {sorted({array.shape[-1] for array in arrays})}")
    return np.concatenate(arrays)


def _spread(rows: RowSums, centred: bool) -> np.ndarray:
    if not centred:
        return rows.products / rows.count
    mean = rows.total / rows.count
    return (rows.products - rows.count * np.outer(mean, mean)) / (rows.count - 1)


def _square_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(values.clip(min=0)) @ vectors.T)


def _check(real: np.ndarray, fake: np.ndarray) -> None:
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise DataError(f"a Fréchet distance compares rows of equal columns, got {real.shape} and {fake.shape}")
    for name, rows in (("the data", real), ("the samples", fake)):
        if len(rows) <= rows.shape[1]:
            raise DataError(
                f"{name}: {len(rows)} frames are too few for a Fréchet distance of {rows.shape[1]} columns; "
                f"it needs at least {rows.shape[1] + 1}"
            )
        if not np.isfinite(rows).all():
            frame = int(np.flatnonzero(~np.isfinite(rows).all(1))[0])
            raise DataError(f"{name}: frame {frame} holds values that are not finite")
