"""What a room, a microphone and an amplifier do to a song.

Shape letters: N samples.
"""

import numpy as np
from jaxtyping import Float
from scipy.signal import butter, oaconvolve, sosfilt

from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.mastering import TONE_HZ, equalise

_Sound = Float[np.ndarray, "N"]


def in_room(sound: _Sound, rng: np.random.Generator) -> _Sound:
    """The sound with the reverberation of a chamber up to that of a church; it does not come later."""
    decay = float(np.exp(rng.uniform(np.log(0.15), np.log(1.5)))) / 6.9
    t = np.arange(round(6.9 * decay * SAMPLE_RATE)) / SAMPLE_RATE
    echo = rng.standard_normal(len(t)) * np.exp(-t / decay)
    echo[: round(rng.uniform(0.002, 0.02) * SAMPLE_RATE)] = 0
    echo *= rng.uniform(0.15, 0.9) / np.linalg.norm(echo)
    echo[0] = 1
    return oaconvolve(sound, echo.astype(np.float32))[: len(sound)]


def with_tone(sound: _Sound, rng: np.random.Generator) -> _Sound:
    """Bass, treble and what lies between, turned up or down."""
    return equalise(sound, rng.normal(0, 7, len(TONE_HZ)))


def through_band(sound: _Sound, rng: np.random.Generator) -> _Sound:
    """A telephone, a small loudspeaker, or the room next door."""
    low, high = rng.choice([(300, 3400), (200, 9000), (25, 600), (25, 3000), (500, 6000)])
    band = butter(
        2, [low * rng.uniform(0.8, 1.2), high * rng.uniform(0.8, 1.2)], "bandpass", fs=SAMPLE_RATE, output="sos"
    )
    return sosfilt(band, sound)


def with_hum(sound: _Sound, rng: np.random.Generator) -> _Sound:
    """The mains, and its overtones."""
    hertz = rng.choice([50, 60])
    t = np.arange(len(sound)) / SAMPLE_RATE
    hum = sum(rng.uniform(0, 1) / order * np.sin(2 * np.pi * order * hertz * t) for order in range(1, 7))
    return sound + rng.uniform(0.03, 0.5) * sound.std() * hum


def clipped(sound: _Sound, rng: np.random.Generator) -> _Sound:
    """Too loud for the microphone."""
    limit = float(np.abs(sound).max()) * rng.uniform(0.1, 0.7)
    return np.clip(sound, -limit, limit)


def with_gain_control(sound: _Sound, rng: np.random.Generator) -> _Sound:
    """A gain that follows the loudness, as that of cameras and telephones does."""
    seconds = rng.uniform(0.3, 2.0)
    step = SAMPLE_RATE // 50
    power = np.add.reduceat(sound**2, np.arange(0, len(sound), step)) / step
    smooth = sosfilt(butter(1, 1 / seconds, fs=50, output="sos"), power)
    level = np.sqrt(np.maximum(smooth, 0) + 1e-3 * power.mean() + 1e-12)
    gain = np.interp(np.arange(len(sound)), np.arange(len(level)) * step, level ** -rng.uniform(0.3, 0.8))
    return sound * gain
