"""Another sample rate, for whole files and for sound as it arrives.

Shape letters: N samples.
"""

import numpy as np
import soxr
from jaxtyping import Float32


class Resampler:
    """Band-limited conversion of one channel; the same numbers however the sound is cut into pieces.

    Output sample i is at i / ``target_rate`` seconds of the input, and depends on about 10 ms on either side of it.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        self._stream = None
        if source_rate != target_rate:
            self._stream = soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32", quality="HQ")

    def push(self, samples: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, " M"]:
        """What can be said after ``samples``; the rest comes with later ones, or now if these are the ``last``."""
        if self._stream is None:
            return samples
        return np.asarray(self._stream.resample_chunk(np.ascontiguousarray(samples), last=last), np.float32)
