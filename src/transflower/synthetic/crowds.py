"""Voices: babble of many speakers, and cheering crowds. They have no beat.

Shape letters: N samples.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfilt

from transflower.synthetic.instruments import SAMPLE_RATE

_FORMANTS_HZ = ((300, 850), (900, 2300), (2300, 3300))
_FRAMES_PER_SECOND = 100


def babble(num_samples: int, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """One to six people who speak at the same time, each as loud as the others or far away."""
    voices = [_speaker(num_samples, rng) * rng.uniform(0.2, 1) for _ in range(int(rng.integers(1, 7)))]
    return np.sum(voices, axis=0)


def crowd(num_samples: int, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """Cheering that swells and ebbs: noise in the range of voices, with shouts in it."""
    low, high = rng.uniform(300, 700), rng.uniform(2000, 5000)
    band = butter(2, [low, high], "bandpass", fs=SAMPLE_RATE, output="sos")
    roar = sosfilt(band, rng.standard_normal(num_samples))
    swell = _slow(num_samples, rng.uniform(0.5, 4), rng)
    return roar / roar.std() * np.exp(rng.uniform(0.2, 1) * swell) + 0.3 * _speaker(num_samples, rng)


def _speaker(num_samples: int, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """Syllables of irregular lengths with a gliding pitch through resonances that change, and pauses for breath."""
    pitch = rng.uniform(85, 260) * np.exp(0.15 * _slow(num_samples, 0.3, rng))
    phase = np.cumsum(pitch) / SAMPLE_RATE
    source = 2 * (phase % 1) - 1 + 0.15 * rng.standard_normal(num_samples)
    sound = np.zeros(num_samples)
    for low, high in _FORMANTS_HZ:
        centre = rng.uniform(low, high)
        # Vowels change: each resonance is a fixed filter whose loudness comes and goes.
        band = butter(1, [0.85 * centre, 1.15 * centre], "bandpass", fs=SAMPLE_RATE, output="sos")
        sound += np.exp(_slow(num_samples, 0.08, rng)) * sosfilt(band, source)
    sound *= _syllables(num_samples, rng)
    return sound / max(float(sound.std()), 1e-9)


def _syllables(num_samples: int, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """How loud a speaker is."""
    frames = num_samples * _FRAMES_PER_SECOND // SAMPLE_RATE + 2
    envelope = np.zeros(frames)
    start = 0
    while start < frames:
        length = int(rng.integers(9, 32))
        if rng.random() < 0.85:
            part = envelope[start : start + length]
            part[:] = rng.uniform(0.3, 1) * np.hanning(length + 2)[1 : len(part) + 1]
        else:
            length = int(rng.integers(15, 90))
        start += length
    return np.interp(np.arange(num_samples) * _FRAMES_PER_SECOND / SAMPLE_RATE, np.arange(frames), envelope)


def _slow(num_samples: int, seconds: float, rng: np.random.Generator) -> Float[np.ndarray, "N"]:
    """Smooth noise with a standard deviation of about 1 that changes within so many seconds."""
    frames = num_samples * _FRAMES_PER_SECOND // SAMPLE_RATE + 2
    width = seconds * _FRAMES_PER_SECOND
    noise = gaussian_filter1d(rng.standard_normal(frames), width, mode="wrap") * np.sqrt(2 * np.sqrt(np.pi) * width)
    return np.interp(np.arange(num_samples) * _FRAMES_PER_SECOND / SAMPLE_RATE, np.arange(frames), noise)
