"""Mel spectrum, relative to a sine of full scale and never to the loudest moment of the song.

Shape letters: N samples, W samples of a window, T windows, M mel bands, F frequencies of the transform, G of them that
a group of bands hears.
"""

from functools import cached_property

import numpy as np
import scipy  # it imports scipy.fft when that is first used, which takes longer than any --help should
from jaxtyping import Float32, Int

from transflower.core.errors import OptionsError

LOWEST_HZ = 30.0

# The scale of Slaney's Auditory Toolbox: linear below 1 kHz, logarithmic above.
_LINEAR_HZ_PER_MEL = 200 / 3
_KNEE_HZ = 1000.0
_KNEE_MEL = _KNEE_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27

_GROUPS = 8
"""Of neighbouring bands: each reads its own frequencies alone, as most of a bank is zeros."""
_BLOCK = 64
"""Windows that are transformed at a time, so that all stays in the caches."""


class MelSpectrum:
    """Power in ``bands`` triangular bands of Hann windows.

    Raises:
        OptionsError: more bands than the window can tell apart.
    """

    def __init__(self, *, sample_rate: int, window: int, bands: int) -> None:
        self.window = window
        bank = mel_bank(sample_rate, window, bands)
        if not bank.any(axis=1).all():
            raise OptionsError(f"{bands} mel bands are too many for windows of {window} samples at {sample_rate} Hz")
        self._groups = [_without_zeros(group) for group in np.array_split(bank, _GROUPS) if len(group)]

    @cached_property
    def _taper(self) -> Float32[np.ndarray, " W"]:
        # Periodic Hann, scaled so that a sine of full scale has a power of 1 in its own bin.
        taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.window) / self.window)
        return (taper * 2 / taper.sum()).astype(np.float32)

    def power(self, samples: Float32[np.ndarray, " N"], centres: Int[np.ndarray, " T"]) -> Float32[np.ndarray, "T M"]:
        """Power in each band of windows around the samples numbered ``centres``."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, self.window)
        starts = centres - self.window // 2
        energy = np.empty((len(starts), self.window // 2 + 1), np.float32)
        for first in range(0, len(starts), _BLOCK):
            part = windows[starts[first : first + _BLOCK]]
            part *= self._taper
            spectrum = scipy.fft.rfft(part, axis=1, overwrite_x=True)
            parts = spectrum.view(np.float32).reshape(*spectrum.shape, 2)
            np.square(parts, out=parts)
            np.add(parts[..., 0], parts[..., 1], out=energy[first : first + _BLOCK])
        return np.concatenate([energy[:, heard] @ bank for heard, bank in self._groups], axis=1)


def decibels(power: Float32[np.ndarray, "..."], *, floor: float) -> Float32[np.ndarray, "..."]:
    """Level of a power, or of anything else that adds up, never below that of ``floor``."""
    return 10 * np.log10(power + np.float32(floor))


def mel_bank(sample_rate: int, window: int, bands: int) -> Float32[np.ndarray, "M F"]:
    """Triangles of height 1, overlapping by half, evenly spaced in mel from 30 Hz to half the sample rate."""
    lowest, highest = _to_mel(np.array([LOWEST_HZ, sample_rate / 2]))
    edges = _to_hz(np.linspace(lowest, highest, bands + 2))[:, None]
    frequencies = np.arange(window // 2 + 1) * sample_rate / window
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _without_zeros(bank: Float32[np.ndarray, "M F"]) -> tuple[slice, Float32[np.ndarray, "G M"]]:
    """The frequencies that any of these bands hears, and how much of each."""
    heard = np.flatnonzero(bank.any(axis=0))
    frequencies = slice(int(heard[0]), int(heard[-1]) + 1)
    return frequencies, np.ascontiguousarray(bank[:, frequencies].T)


def _to_mel(hertz: np.ndarray) -> np.ndarray:
    logarithmic = _KNEE_MEL + np.log(np.maximum(hertz, _KNEE_HZ) / _KNEE_HZ) / _LOG_STEP
    return np.where(hertz < _KNEE_HZ, hertz / _LINEAR_HZ_PER_MEL, logarithmic)


def _to_hz(mel: np.ndarray) -> np.ndarray:
    logarithmic = _KNEE_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _KNEE_MEL) - _KNEE_MEL))
    return np.where(mel < _KNEE_MEL, mel * _LINEAR_HZ_PER_MEL, logarithmic)
