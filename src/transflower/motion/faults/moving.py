"""Moving a recording up and down.

Shape letters: T frames.
"""

from dataclasses import replace

import numpy as np
import scipy  # scipy.ndimage is imported when it is first used
from jaxtyping import Float

from transflower.motion.clip import Clip


def moved_up(clip: Clip, metres: Float[np.ndarray, " T"] | float) -> Clip:
    """The clip, each frame so many metres higher."""
    root = clip.translations[0].copy()
    root[:, 1] += metres
    return replace(clip, translations={**clip.translations, 0: root})


def smooth_above(values: Float[np.ndarray, " T"], margin: int) -> Float[np.ndarray, " T"]:
    """A smooth curve that is nowhere below ``values``."""
    size = 2 * margin + 1
    return scipy.ndimage.uniform_filter1d(
        scipy.ndimage.maximum_filter1d(values, size, mode="nearest"), size, mode="nearest"
    )
