"""Mixing channels down to one, for whole files and for sound as it arrives.

The mix is the mean of the channels. Where channels cancel each other (one of two is inverted, or the centre was removed
from the song), the mix is the mean of the channels turned into the phase of the loudest, until they no longer cancel.
Cancellation is judged by the sound of the last seconds, so that it causes no delay.

Shape letters: N samples, C channels, B blocks.
"""

import numpy as np
from jaxtyping import Float32, Float64

from transflower.audio.audio import mix_down

# Length of a block, after each of which it is judged anew; over the next, one mix is faded into the other.
_BLOCK_SECONDS = 0.02
# How long sound counts in the judgement: its weight falls to 1 / e in this time.
_MEMORY_SECONDS = 0.5
# Power of the sum of the channels, in parts of the sum of their powers: 1 for channels that have nothing in common.
# Two equally loud channels have 1 plus their correlation.
_CANCELLING, _TOGETHER = 0.2, 0.5
# Power below which nothing is judged: -70 dB.
_SILENT_POWER = 1e-7


class Mixer:
    """The same numbers however the sound is cut into pieces."""

    def __init__(self, sample_rate: int) -> None:
        self._block = max(1, round(_BLOCK_SECONDS * sample_rate))
        self._decay = float(np.exp(-_BLOCK_SECONDS / _MEMORY_SECONDS))
        self._open = np.zeros((0, 0), np.float32)
        """Sound of the block that is not yet complete."""
        self._moments = np.zeros((0, 0))
        """Products of the channels, the latest blocks counting most."""
        self._before = self._signs = np.zeros(0, np.float32)
        """Phases of the channels at the start and at the end of the block that is not yet complete."""

    def push(self, samples: Float32[np.ndarray, "N C"]) -> Float32[np.ndarray, " N"]:
        """Mix the next piece; one with another number of channels is judged from nothing on."""
        channels = samples.shape[1]
        if channels == 1:
            return samples[:, 0]
        if channels != len(self._signs):
            self._start(channels)
        num_open = len(self._open)
        sound = np.concatenate([self._open, samples]) if num_open else samples
        moments = self._block_moments(sound)
        self._open = sound[len(moments) * self._block :].copy()
        if (self._before == 1).all() and (self._signs == 1).all() and not self._cancels_in(moments):
            weights = self._decay ** np.arange(len(moments), -1, -1)
            self._moments = np.tensordot(weights, np.concatenate([self._moments[None], moments]), axes=1)
            return mix_down(samples)
        return self._weighted(sound, np.stack(self._judged(moments)))[num_open:]

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {"open": self._open, "moments": self._moments, "signs": self._signs, "before": self._before}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken, by a mixer for the same sample rate."""
        self._open, self._moments = np.array(state["open"], np.float32), np.array(state["moments"], np.float64)
        self._signs, self._before = np.array(state["signs"], np.float32), np.array(state["before"], np.float32)

    def _start(self, channels: int) -> None:
        self._open = np.zeros((0, channels), np.float32)
        self._moments = np.zeros((channels, channels))
        self._before = self._signs = np.ones(channels, np.float32)

    def _cancels_in(self, moments: Float64[np.ndarray, "B C C"]) -> bool:
        """Whether the mean would cancel after any of the blocks: as ``_next_signs``, and much quicker."""
        total, power = float(self._moments.sum()), float(np.trace(self._moments))
        totals, powers = moments.sum(axis=(1, 2)).tolist(), np.trace(moments, axis1=1, axis2=2).tolist()
        silent = self._silent_power
        for more_total, more_power in zip(totals, powers, strict=True):
            total, power = self._decay * total + more_total, self._decay * power + more_power
            if power > silent and total < _CANCELLING * power:
                return True
        return False

    def _judged(self, moments: Float64[np.ndarray, "B C C"]) -> list[Float32[np.ndarray, " C"]]:
        """Signs at the start of the first block, and at the end of each block, the open one too."""
        signs = [self._before, self._signs]
        for more in moments:
            self._moments = self._decay * self._moments + more
            self._before, self._signs = self._signs, self._next_signs()
            signs.append(self._signs)
        return signs

    @property
    def _silent_power(self) -> float:
        return _SILENT_POWER * len(self._signs) * self._block / (1 - self._decay)

    def _block_moments(self, sound: Float32[np.ndarray, "N C"]) -> Float64[np.ndarray, "B C C"]:
        channels = sound.shape[1]
        count = len(sound) // self._block
        blocks = sound[: count * self._block].reshape(count, self._block, channels)
        return np.matmul(blocks.swapaxes(1, 2), blocks).astype(np.float64)

    def _next_signs(self) -> Float32[np.ndarray, " C"]:
        power = float(np.trace(self._moments))
        if not power > self._silent_power:
            return self._signs
        if self._moments.sum() > _TOGETHER * power:
            return np.ones_like(self._signs)
        if self._signs @ self._moments @ self._signs < _CANCELLING * power:
            loudest = self._moments[int(np.diag(self._moments).argmax())]
            return np.where(loudest < 0, -1, 1).astype(np.float32)
        return self._signs

    def _weighted(
        self, sound: Float32[np.ndarray, "N C"], signs: Float32[np.ndarray, "E C"]
    ) -> Float32[np.ndarray, " N"]:
        """Each block with the signs at its start fading into those at its end."""
        share = ((np.arange(self._block) + 1) / self._block).astype(np.float32)[:, None]
        mixed = []
        for index in range(len(signs) - 1):
            block = sound[index * self._block : (index + 1) * self._block]
            faded = signs[index] + share[: len(block)] * (signs[index + 1] - signs[index])
            mixed.append((block * faded).sum(axis=1) / np.float32(sound.shape[1]))
        return np.concatenate(mixed)
