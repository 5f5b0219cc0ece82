"""Mean and standard deviation of columns, and which of them vary.

Shape letters: T frames, D columns, V columns that vary.
"""

import numpy as np
from jaxtyping import Float

CONSTANT_STD = 1e-4
"""Columns that vary less count as constant: no density can model them."""

Moments = tuple[Float[np.ndarray, " D"], Float[np.ndarray, " D"]]
"""Mean and standard deviation of each column."""


def standardised(rows: Float[np.ndarray, "*T D"], moments: Moments) -> Float[np.ndarray, "*T V"]:
    """The columns that vary, in deviations from their mean."""
    mean, std = moments
    varies = std >= CONSTANT_STD
    return (rows[..., varies] - mean[varies]) / std[varies]


def with_floor(moments: Moments, share: float) -> Moments:
    """The same, but for columns that hardly vary: these get ``share`` of the median standard deviation.

    Divided by its own standard deviation, the jitter of a joint that hardly moves would weigh as much as a step, which
    makes free-running generation unstable. Constant columns stay constant.
    """
    mean, std = moments
    varies = std >= CONSTANT_STD
    if not varies.any():
        return moments
    return mean, np.where(varies, np.maximum(std, share * np.median(std[varies])), std)
