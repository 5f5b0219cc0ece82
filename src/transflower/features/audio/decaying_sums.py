"""Sums over the past of which the recent counts most, as sound arrives.

Shape letters: F frames, N series.
"""

from itertools import accumulate

import numpy as np
from jaxtyping import Float

_BLOCK = 16
"""Frames that are summed by one product of matrices."""
_FEW = 8 * _BLOCK
"""Frames that are summed sooner without."""


def decaying_sums(
    values: Float[np.ndarray, "F N"], before: Float[np.ndarray, " N"], *, keep: float
) -> Float[np.ndarray, "F N"]:
    """Each value plus ``keep`` times the sum before it, which is ``before`` at first; values are finite."""
    count, series = values.shape
    if count < _FEW:
        return _one_by_one(values, before, keep=keep)
    whole = count - count % _BLOCK
    ages = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    # Each block from nothing on; the sums at the ends of blocks are such sums again, of blocks.
    within = values[:whole].T.reshape(series, -1, _BLOCK) @ np.tril(keep ** np.maximum(ages, 0)).T.astype(values.dtype)
    ends = decaying_sums(within[..., -1].T, before, keep=keep**_BLOCK)
    starts = np.concatenate([before[None], ends[:-1]])
    within += starts.T[..., None] * keep ** np.arange(1, _BLOCK + 1)
    rest = _one_by_one(values[whole:], ends[-1], keep=keep)
    return np.concatenate([within.reshape(series, -1).T, rest])


def _one_by_one(
    values: Float[np.ndarray, "F N"], before: Float[np.ndarray, " N"], *, keep: float
) -> Float[np.ndarray, "F N"]:
    found = np.empty_like(values)
    # Python's own numbers are several times as fast here as arrays of a few.
    for series, first in enumerate(before.tolist()):
        sums = accumulate(values[:, series].tolist(), lambda total, value: keep * total + value, initial=first)
        found[:, series] = list(sums)[1:]
    return found
