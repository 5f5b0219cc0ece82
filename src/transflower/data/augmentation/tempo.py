"""Reading frames at another tempo.

Shape letters: L frames of a window, R frames of a recording, D columns.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Shaped


def read_at_tempo(
    out: Shaped[np.ndarray, "L D"],
    read: Callable[[Shaped[np.ndarray, "R D"], int], None],
    *,
    origin: int,
    start: int,
    tempo: float,
) -> None:
    """Fill a window with the frames ``origin + tempo * (start + k)``, between frames along the straight line.

    Class indices are those of the nearest frame.

    Args:
        out: what is filled.
        read: fills an array with the frames from one on.
        origin: frame of the first position.
        start: frame of the window, counted from there.
        tempo: frames of the recording for each of the window.
    """
    places = origin + tempo * (start + np.arange(len(out)))
    first = math.floor(places[0])
    rows = np.empty((math.ceil(places[-1]) - first + 1, *out.shape[1:]), out.dtype)
    read(rows, first)
    if not np.issubdtype(out.dtype, np.floating):
        out[:] = rows[np.round(places - first).astype(int)]
        return
    before = np.floor(places - first).astype(int)
    weights = (places - first - before).astype(out.dtype)[:, None]
    out[:] = (1 - weights) * rows[before] + weights * rows[np.minimum(before + 1, len(rows) - 1)]
