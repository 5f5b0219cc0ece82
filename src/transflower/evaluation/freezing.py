"""How much of a dance is spent standing still.

Shape letters: T frames, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError

STILL_SPEED = 0.03
"""Mean speed of the joints, in metres per second, below which a body stands still; breathing alone is about 0.01."""


def frozen_share(positions: Float[np.ndarray, "T J 3"], fps: float) -> float:
    """Share of the frames in which the whole body stands still.

    Raises:
        DataError: fewer than two frames.
    """
    if len(positions) < 2:
        raise DataError(f"freezing needs at least two frames, got {len(positions)}")
    speed = np.linalg.norm(np.diff(np.asarray(positions, np.float64), axis=0), axis=-1).mean(axis=1) * fps
    return float(np.mean(speed < STILL_SPEED))
