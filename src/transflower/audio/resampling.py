"""Another sample rate, for whole files and for sound as it arrives.

Shape letters: N samples, M samples at the other rate.
"""

import math

import numpy as np
import soxr
from jaxtyping import Float32

_REMEMBERED_SECONDS = 0.25
"""Sound that a restored resampler begins again with: several times what a sample depends on."""


class Resampler:
    """Band-limited conversion of one channel; the same numbers however the sound is cut into pieces.

    Output sample i is at i / ``target_rate`` seconds of the input, and depends on about 10 ms on either side of it.
    """

    def __init__(self, source_rate: int, target_rate: int, *, is_quick: bool = False) -> None:
        """``is_quick``: give samples 18 ms earlier, with a softer edge below half the target rate."""
        self._rates = source_rate, target_rate
        self._quality = "LQ" if is_quick else "HQ"
        divisor = math.gcd(source_rate, target_rate)
        self._period = source_rate // divisor, target_rate // divisor
        """Samples at each rate until both have one at the same moment again."""
        self._stream = self._start()
        self._recent = np.zeros(0, np.float32)
        """The latest sound, from a moment on at which both rates have a sample."""
        self._num_given = 0
        """Samples that have been given from that moment on."""
        self._early = np.zeros(0, np.float32)
        """Samples that are there already and have not been given."""
        self._num_repeated = 0
        """Samples that come again and have been given."""

    def push(self, samples: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, " M"]:
        """The output that is complete after ``samples``; the rest follows later, or now if these are the ``last``."""
        if self._stream is None:
            return samples
        resampled = np.concatenate([self._early, self._resampled(samples, last=last)])
        num_repeated = min(self._num_repeated, len(resampled))
        self._early, self._num_repeated = resampled[:0], self._num_repeated - num_repeated
        resampled = resampled[num_repeated:]
        self._remember(samples, num_given=len(resampled))
        return resampled

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {"recent": self._recent, "num_given": np.array(self._num_given)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, by a resampler between the same rates; the same up to rounding."""
        self._stream = self._start()
        self._recent, self._num_given = np.array(state["recent"], np.float32), int(state["num_given"])
        if self._stream is not None:
            again = self._resampled(self._recent)
            self._early, self._num_repeated = again[self._num_given :], max(0, self._num_given - len(again))

    def _start(self) -> soxr.ResampleStream | None:
        source_rate, target_rate = self._rates
        if source_rate == target_rate:
            return None
        return soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32", quality=self._quality)

    def _resampled(self, samples: np.ndarray, *, last: bool = False) -> np.ndarray:
        assert self._stream is not None
        return np.asarray(self._stream.resample_chunk(np.ascontiguousarray(samples), last=last), np.float32)

    def _remember(self, samples: np.ndarray, *, num_given: int) -> None:
        """Add to the latest sound, and forget whole periods before it."""
        recent = np.concatenate([self._recent, samples])
        forgotten = max(0, len(recent) - round(_REMEMBERED_SECONDS * self._rates[0])) // self._period[0]
        self._recent = recent[forgotten * self._period[0] :]
        self._num_given += num_given - forgotten * self._period[1]
