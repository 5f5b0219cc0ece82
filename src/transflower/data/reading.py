"""How arrays on disk become rows: types, and shapes of modalities without time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from transflower.core.spans import Kind

DTYPES: Mapping[Kind, type[np.generic]] = {"continuous": np.float32, "categorical": np.int64}
"""What any type on disk is read as."""


def single_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    """Alternatives, rows and columns of an array of rank 1 (rows), 2 (rows, columns) or 3."""
    alternatives, rows, columns = {1: (1, *shape, 1), 2: (1, *shape), 3: tuple(shape)}[len(shape)]
    return alternatives, rows, columns


def silence_row(sidecar: Mapping[str, Any] | None) -> np.ndarray | None:
    """The row that stands for no sound, where a sidecar has one.

    Raises:
        ValueError, TypeError: it does not hold numbers.
    """
    silence = (sidecar or {}).get("silence")
    return None if silence is None else np.asarray(silence, dtype=np.float32).reshape(-1)
