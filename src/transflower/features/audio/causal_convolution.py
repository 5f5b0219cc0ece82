"""Convolutions over time that see only what has been, frame by frame or in pieces, in numpy.

Shape letters: T frames, I input channels, O output channels, K taps of the kernel, P frames kept of the past.
"""

import numpy as np
from jaxtyping import Float32

# Room after the past, so that single frames are appended without moving what is there.
_ROOM = 256


class CausalConvolution:
    """A dilated convolution whose last tap is the newest frame; before the first frame there are zeros."""

    def __init__(
        self, weight: Float32[np.ndarray, "K I O"], bias: Float32[np.ndarray, " O"], *, dilation: int = 1
    ) -> None:
        num_taps, channels, _ = weight.shape
        self._weight = np.ascontiguousarray(weight.reshape(num_taps * channels, -1))
        self._bias = bias
        self._starts = range(0, num_taps * dilation, dilation)
        self.memory = (num_taps - 1) * dilation
        """Frames before the newest that it sees."""
        self._frames = np.zeros((self.memory + _ROOM, channels), np.float32)
        self._stop = self.memory

    @property
    def past(self) -> Float32[np.ndarray, "P I"]:
        """The state: the frames before the next one."""
        return self._frames[self._stop - self.memory : self._stop].copy()

    @past.setter
    def past(self, frames: Float32[np.ndarray, "P I"]) -> None:
        self._frames = np.concatenate([frames, np.zeros((_ROOM, frames.shape[1]), np.float32)])
        self._stop = self.memory

    def push(self, frames: Float32[np.ndarray, "T I"]) -> Float32[np.ndarray, "T O"]:
        """The outputs at ``frames``, which follow all frames pushed before."""
        known = self._append(frames)
        taps = [known[start : start + len(frames)] for start in self._starts]
        return np.concatenate(taps, axis=1) @ self._weight + self._bias

    def _append(self, frames: Float32[np.ndarray, "T I"]) -> Float32[np.ndarray, "_ I"]:
        """The past, and then ``frames``."""
        if self._stop + len(frames) > len(self._frames):
            room = np.zeros((len(frames) + _ROOM, frames.shape[1]), np.float32)
            self._frames = np.concatenate([self.past, room])
            self._stop = self.memory
        self._frames[self._stop : self._stop + len(frames)] = frames
        self._stop += len(frames)
        return self._frames[self._stop - len(frames) - self.memory : self._stop]
