"""Sounds that are no music: coloured noise, applause, a distorted guitar, hums and sirens, speech, nothing at all.

Each plays for a whole song and has a root mean square of 1, but for silence. Shape letters: N samples.
"""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float
from scipy.signal import lfilter, oaconvolve

from transflower.synthetic.instruments import SAMPLE_RATE

_Sound = Float[np.ndarray, "N"]


def draw_noise(num_samples: int, rng: np.random.Generator) -> _Sound:
    """One of all kinds, and one of its kind."""
    kind = list(NOISES.values())[int(rng.choice(len(NOISES), p=_CHANCES))]
    sound = kind(num_samples, rng)
    level = float(np.sqrt(np.mean(sound**2)))
    return sound / level if level > 0 else sound


def _coloured(num_samples: int, rng: np.random.Generator) -> _Sound:
    """From bright (more power in the highest octave than in all others) to a rumble."""
    slope = rng.uniform(-0.5, 2.5)
    spectrum = np.fft.rfft(rng.standard_normal(num_samples))
    hertz = np.fft.rfftfreq(num_samples, 1 / SAMPLE_RATE)
    return np.fft.irfft(spectrum / np.maximum(hertz, 20) ** (slope / 2), num_samples)


def _applause(num_samples: int, rng: np.random.Generator) -> _Sound:
    """Claps of a few hands up to those of a hall."""
    per_second = np.exp(rng.uniform(np.log(5), np.log(1500)))
    claps = rng.poisson(per_second / SAMPLE_RATE, num_samples) * rng.uniform(0.2, 1, num_samples)
    t = np.arange(round(0.03 * SAMPLE_RATE)) / SAMPLE_RATE
    return oaconvolve(claps, rng.standard_normal(len(t)) * np.exp(-t / rng.uniform(0.003, 0.009)))[:num_samples]


def _guitar(num_samples: int, rng: np.random.Generator) -> _Sound:
    """Open fifths with vibrato, overdriven until nothing is left of their touch."""
    seconds = np.arange(num_samples) / SAMPLE_RATE
    chord = (seconds / rng.uniform(0.4, 4)).astype(int)
    roots = 440 * 2 ** ((rng.integers(-34, -15, chord[-1] + 1) - rng.uniform(0, 1)) / 12)
    bend = 1 + rng.uniform(0, 0.01) * np.sin(2 * np.pi * rng.uniform(4, 7) * seconds)
    cycles = np.cumsum(roots[chord] * bend) / SAMPLE_RATE
    strings = sum(2 * ((ratio * cycles) % 1) - 1 for ratio in (1, 1.5, 2, 3)[: int(rng.integers(2, 5))])
    return np.tanh(_decibels(rng.uniform(6, 30)) * strings)


def _tone(num_samples: int, rng: np.random.Generator) -> _Sound:
    """A hum, a siren, a test tone: a sine, or one that is cut to a square."""
    seconds = np.arange(num_samples) / SAMPLE_RATE
    hertz = np.exp(rng.uniform(np.log(18), np.log(3000)))
    octaves = rng.uniform(0, 1) * np.sin(2 * np.pi * rng.uniform(0.05, 1) * seconds) * (rng.random() < 0.5)
    wave = np.sin(2 * np.pi * np.cumsum(hertz * 2**octaves) / SAMPLE_RATE)
    return np.clip(_decibels(rng.uniform(0, 40)) * wave, -1, 1)


def _speech(num_samples: int, rng: np.random.Generator) -> _Sound:
    """Syllables: a buzz or a hiss through the resonances of a mouth, with pauses between phrases."""
    pitch = rng.uniform(80, 250) / SAMPLE_RATE
    length = round(rng.uniform(0.12, 0.3) * SAMPLE_RATE)
    envelope, sound = np.hanning(length), np.zeros(num_samples)
    buzz = np.diff(np.floor(pitch * np.arange(length + 1)))
    for start in range(0, num_samples - length, length):
        if rng.random() < 0.2:
            continue
        source = buzz if rng.random() < 0.7 else rng.standard_normal(length)
        for low, high in ((300, 800), (900, 2300), (2400, 3200)):
            source = lfilter([1], _resonance(rng.uniform(low, high)), source)
        sound[start : start + length] = envelope * source / np.abs(source).max()
    return sound


def _silence(num_samples: int, rng: np.random.Generator) -> _Sound:
    return np.zeros(num_samples)


NOISES: Mapping[str, Callable[[int, np.random.Generator], _Sound]] = {
    "coloured": _coloured,
    "applause": _applause,
    "guitar": _guitar,
    "tone": _tone,
    "speech": _speech,
    "silence": _silence,
}
"""Every kind by its name, at any level."""
_CHANCES = (0.25, 0.2, 0.25, 0.12, 0.12, 0.06)


def _resonance(hertz: float) -> tuple[float, float, float]:
    """The denominator of a filter that rings at a frequency."""
    radius = np.exp(-np.pi * 100 / SAMPLE_RATE)
    return 1.0, float(-2 * radius * np.cos(2 * np.pi * hertz / SAMPLE_RATE)), float(radius**2)


def _decibels(level: float) -> float:
    return float(10 ** (level / 20))
