"""Mastering: the tone, noise and loudness of a song; different for every song.

Real recordings are bright or dull, loud or quiet, noisy or clean. A model trained on only one sound would fail on all
others. Shape letters: N samples, F frequencies.
"""

import numpy as np
from jaxtyping import Float

from transflower.synthetic.instruments import SAMPLE_RATE

TONE_HZ = (30, 120, 400, 1200, 3500, 12000)
"""Where the tone is turned up or down; between, it goes smoothly."""
_TONE_DECIBELS = 4.0
_NOISE_DECIBELS = (-75.0, -45.0)
"""Of the noise floor, against the loudest sample."""
_DRIVE = (0.8, 3.0)
"""Gain before the limiter: a high one makes everything about as loud."""
_LOUDNESS_DECIBELS = (-12.0, 0.0)


def master(mix: Float[np.ndarray, "N"], rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """The song as it is published, at most 1 in size."""
    toned = equalise(mix, rng.normal(0, _TONE_DECIBELS, len(TONE_HZ)))
    loudest = max(float(np.abs(toned).max()), 1e-6)
    noise = _pink(len(mix), rng) * _ratio(rng.uniform(*_NOISE_DECIBELS))
    drive = rng.uniform(*_DRIVE)
    pressed = np.tanh(drive * (toned / loudest + noise)) / np.tanh(drive)
    return np.clip(_ratio(rng.uniform(*_LOUDNESS_DECIBELS)) * pressed, -1, 1).astype(np.float32)


def equalise(mix: Float[np.ndarray, "N"], decibels: Float[np.ndarray, "F"]) -> Float[np.ndarray, "N"]:
    """The sound with each of the six ``TONE_HZ`` turned up or down, and smoothly between them."""
    spectrum = np.fft.rfft(mix)
    hertz = np.fft.rfftfreq(len(mix), 1 / SAMPLE_RATE)
    gains = _ratio(np.interp(np.log(np.maximum(hertz, 1)), np.log(TONE_HZ), decibels))
    return np.fft.irfft(spectrum * gains, len(mix))


def _pink(num_samples: int, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """Noise with as much power in every octave, of standard deviation 1."""
    spectrum = np.fft.rfft(rng.standard_normal(num_samples))
    hertz = np.fft.rfftfreq(num_samples, 1 / SAMPLE_RATE)
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 20)), num_samples)
    return noise / noise.std()


def _ratio(decibels: float | Float[np.ndarray, "F"]) -> float | Float[np.ndarray, "F"]:
    return 10 ** (decibels / 20)
