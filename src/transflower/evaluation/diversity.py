"""How much samples for the same music differ from each other.

Shape letters: S samples, T frames, D columns.
"""

from itertools import combinations

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError


def diversity(samples: Float[np.ndarray, "S T D"]) -> float:
    """Mean distance between two samples: root mean square over columns, averaged over frames and pairs.

    In the units of the features: on standardised ones, unrelated dances of the data's own spread give about
    sqrt(2) = 1.41, and 0 means that all samples are the same.

    Raises:
        DataError: fewer than two samples, or nothing in them.
    """
    samples = np.asarray(samples, np.float64)
    if samples.ndim != 3 or samples.shape[0] < 2 or samples.size == 0:
        raise DataError(f"diversity needs at least two samples [S, T, D], got shape {samples.shape}")
    pairs = combinations(samples, 2)  # one pair at a time: all at once would need S^2 T D numbers
    return float(np.mean([np.sqrt(np.mean((a - b) ** 2, axis=-1)).mean() for a, b in pairs]))
