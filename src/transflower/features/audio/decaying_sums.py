"""Sums over the past of which the recent counts most, as sound arrives.

Shape letters: F frames, N series.
"""

from itertools import accumulate

import numpy as np
from jaxtyping import Float


def decaying_sums(
    values: Float[np.ndarray, "F N"], before: Float[np.ndarray, " N"], *, keep: float
) -> Float[np.ndarray, "F N"]:
    """Each value plus ``keep`` times the sum before it, which is ``before`` at first."""
    found = np.empty_like(values)
    # Python's own numbers are several times as fast here as arrays of a few.
    for series, first in enumerate(before.tolist()):
        sums = accumulate(values[:, series].tolist(), lambda total, value: keep * total + value, initial=first)
        found[:, series] = list(sums)[1:]
    return found
