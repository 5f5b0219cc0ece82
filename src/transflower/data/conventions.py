"""Conventions of arrays and sidecars on disk: types, shapes of modalities without time, frame rate, silence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from transflower.core.numbers import MOST_FPS, shorten
from transflower.core.spans import Kind

DTYPES: Mapping[Kind, type[np.generic]] = {"continuous": np.float32, "categorical": np.int64}
"""What any type on disk is read as."""


def single_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    """Alternatives, rows and columns of an array of rank 1 (rows), 2 (rows, columns) or 3."""
    alternatives, rows, columns = {1: (1, *shape, 1), 2: (1, *shape), 3: tuple(shape)}[len(shape)]
    return alternatives, rows, columns


def frame_rate(sidecar: Mapping[str, Any] | None) -> float | None:
    """Frames per second, where a sidecar says them.

    Raises:
        ValueError: they are no number above 0, or more than any recording has.
    """
    fps = (sidecar or {}).get("fps")
    if fps is None:
        return None
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not 0 < fps <= MOST_FPS:
        raise ValueError(f"fps must be a positive number, got {shorten(repr(fps))}; {MOST_FPS} are the most")
    return float(fps)


def silence_row(sidecar: Mapping[str, Any] | None) -> np.ndarray | None:
    """The row that stands for no sound, where a sidecar has one.

    Raises:
        ValueError, TypeError: it does not hold numbers.
    """
    silence = (sidecar or {}).get("silence")
    return None if silence is None else np.asarray(silence, dtype=np.float32).reshape(-1)
