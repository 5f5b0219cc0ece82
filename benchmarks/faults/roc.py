"""Areas under ROC curves, with intervals by a bootstrap over recordings.

Shape letters: P windows with a fault, N windows without.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from transflower.evaluation.bootstrap import Estimate

_DRAWS = 2000
Pair = tuple[Float[np.ndarray, " P"], Float[np.ndarray, " N"]]
"""Values of the windows of a recording that have a fault, and of those that have none."""


def roc_area(faulty: Float[np.ndarray, " P"], clean: Float[np.ndarray, " N"]) -> float:
    """Probability that a window with a fault has a higher value than one without; ties count half."""
    ranks = rankdata(np.concatenate([faulty, clean]))
    return float((ranks[: len(faulty)].sum() - len(faulty) * (len(faulty) + 1) / 2) / (len(faulty) * len(clean)))


def estimate_area(pairs: Sequence[Pair], *, seed: int = 0) -> Estimate:
    """The area over the windows of all recordings; its interval is that of recordings drawn again."""
    rng = np.random.default_rng(seed)

    def area(chosen: Sequence[Pair]) -> float:
        return roc_area(*(np.concatenate([pair[side] for pair in chosen]) for side in (0, 1)))

    drawn = [area([pairs[index] for index in rng.integers(len(pairs), size=len(pairs))]) for _ in range(_DRAWS)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value=area(pairs), low=float(low), high=float(high), recordings=len(pairs))
