"""Fréchet distances of poses and of movements: do samples have the distribution of the data?

Shape letters: N, M rows, T frames, D columns.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError


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
    (mean_a, spread_a), (mean_b, spread_b) = (_moments(rows, centred) for rows in (real, fake))
    root_a = _square_root(spread_a)
    # tr sqrt(AB) = tr sqrt(sqrt(A) B sqrt(A)), whose argument is symmetric: no complex numbers from rounding.
    shared = np.sqrt(np.linalg.eigvalsh(root_a @ spread_b @ root_a).clip(min=0)).sum()
    distance = np.sum((mean_a - mean_b) ** 2) + np.trace(spread_a) + np.trace(spread_b) - 2 * shared
    return float(max(distance, 0.0))


def pose_distance(
    real: Iterable[Float[np.ndarray, "_ _"]], fake: Iterable[Float[np.ndarray, "_ _"]], *, centred: bool = True
) -> float:
    """FPD: Fréchet distance of single frames, pooled over sequences."""
    return frechet_distance(_pool(real), _pool(fake), centred=centred)


def movement_distance(
    real: Iterable[Float[np.ndarray, "_ _"]], fake: Iterable[Float[np.ndarray, "_ _"]], *, centred: bool = True
) -> float:
    """FMD: Fréchet distance of frames joined with their change from the frame before (2 D columns)."""
    return frechet_distance(_pool(map(_movements, real)), _pool(map(_movements, fake)), centred=centred)


def _pool(sequences: Iterable[np.ndarray]) -> np.ndarray:
    arrays = list(sequences)
    if not arrays:
        raise DataError("a Fréchet distance needs at least one sequence on each side")
    if len({array.shape[1:] for array in arrays}) > 1:
        raise DataError(f"sequences differ in columns: {sorted({array.shape[-1] for array in arrays})}")
    return np.concatenate(arrays)


def _movements(frames: np.ndarray) -> np.ndarray:
    return np.concatenate([frames[1:], np.diff(frames, axis=0)], axis=1)


def _moments(rows: np.ndarray, centred: bool) -> tuple[np.ndarray, np.ndarray]:
    if centred:
        return rows.mean(0), np.cov(rows, rowvar=False).reshape(rows.shape[1], rows.shape[1])
    return rows.mean(0), rows.T @ rows / len(rows)


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
