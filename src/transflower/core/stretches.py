"""Where something goes on for a while.

Shape letters: T frames.
"""

import numpy as np
from jaxtyping import Bool


def stretches(flags: Bool[np.ndarray, " T"]) -> list[tuple[int, int]]:
    """Each run of True, as its first frame and the frame after its last.

    Example:
        >>> stretches(np.array([True, False, True, True]))
        [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]
