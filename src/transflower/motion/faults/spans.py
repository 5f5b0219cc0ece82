"""Runs of frames.

Shape letters: T frames.
"""

import numpy as np
from jaxtyping import Bool

from transflower.core.stretches import stretches


def spans(is_marked: Bool[np.ndarray, " T"], *, least: int = 1, gap: int = 0) -> list[tuple[int, int]]:
    """First and last frame of each run of marked frames.

    Args:
        is_marked: which frames are marked.
        least: runs of fewer frames are left out.
        gap: runs with so many frames between them at most are one.

    Example:
        >>> spans(np.array([True, False, True, True, False, False, True]), least=2, gap=1)
        [(0, 3)]
    """
    runs: list[tuple[int, int]] = []
    for first, end in stretches(is_marked):
        if runs and first - runs[-1][1] - 1 <= gap:
            runs[-1] = (runs[-1][0], end - 1)
        else:
            runs.append((first, end - 1))
    return [run for run in runs if run[1] - run[0] + 1 >= least]
