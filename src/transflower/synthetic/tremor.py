"""Tremor: smooth noise of a known size in every joint.

Shape letters: T frames, N independent tracks.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

TREMOR_DEGREES = 0.3
"""Standard deviation of every joint's tremor about each of its axes."""
TREMOR_METRES = 0.0015
"""Standard deviation of the hips' tremor along each axis."""
_SECONDS = 0.09


def tremor(num_frames: int, num_tracks: int, fps: float, rng: np.random.Generator) -> Float[np.ndarray, "T N"]:
    """Smooth noise with standard deviation 1, nearly all of it below 3 Hz."""
    width = _SECONDS * fps
    noise = gaussian_filter1d(rng.standard_normal((num_frames, num_tracks)), width, axis=0, mode="wrap")
    # A Gaussian window of this width leaves white noise with variance 1 / (2 sqrt(pi) width).
    return noise * np.sqrt(2 * np.sqrt(np.pi) * width)
