"""One-shot sounds: drums and notes, each a short mono array that starts at its very first sample.

Shape letters: N samples.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from scipy.signal import lfilter

SAMPLE_RATE = 24000
"""Samples per second of all synthetic sound."""

_Sound = Float[np.ndarray, "N"]


def _kick() -> _Sound:
    t = _seconds(0.32)
    sweep = 2 * np.pi * (48 * t + 110 * 0.035 * (1 - np.exp(-t / 0.035)))
    return np.sin(sweep) * np.exp(-t / 0.11) + 0.7 * _noise("kick", t) * np.exp(-t / 0.006)


def _snare() -> _Sound:
    t = _seconds(0.25)
    tone = np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.05)
    return 0.5 * tone + 0.55 * _bright(_noise("snare", t)) * np.exp(-t / 0.07)


def _clap() -> _Sound:
    t = _seconds(0.25)
    bursts = sum(np.exp(-np.maximum(t - start, 0) / 0.006) * (t >= start) for start in (0.0, 0.011, 0.022))
    tail = np.exp(-np.maximum(t - 0.03, 0) / 0.06) * (t >= 0.03)
    return 0.6 * _bright(_noise("clap", t)) * (0.5 * bursts + tail)


def _hat() -> _Sound:
    t = _seconds(0.08)
    return 0.4 * _bright(_bright(_noise("hat", t))) * np.exp(-t / 0.018)


def _open_hat() -> _Sound:
    t = _seconds(0.3)
    return 0.4 * _bright(_bright(_noise("open_hat", t))) * np.exp(-t / 0.09)


def _shaker() -> _Sound:
    t = _seconds(0.09)
    return 0.3 * _bright(_noise("shaker", t)) * np.minimum(t / 0.012, 1) * np.exp(-t / 0.03)


def _rim() -> _Sound:
    t = _seconds(0.06)
    return 0.5 * np.sin(2 * np.pi * 1650 * t) * np.exp(-t / 0.009)


def _clave() -> _Sound:
    t = _seconds(0.1)
    return 0.5 * np.sin(2 * np.pi * 2450 * t) * np.exp(-t / 0.02)


def _conga_low() -> _Sound:
    return _skin(190, 0.14)


def _conga_high() -> _Sound:
    return _skin(290, 0.09)


def _cowbell() -> _Sound:
    t = _seconds(0.25)
    return 0.25 * (np.sign(np.sin(2 * np.pi * 562 * t)) + np.sign(np.sin(2 * np.pi * 845 * t))) * np.exp(-t / 0.05)


def _crash() -> _Sound:
    t = _seconds(1.4)
    return 0.5 * _bright(_bright(_noise("crash", t))) * np.exp(-t / 0.45)


def _tom() -> _Sound:
    return _skin(120, 0.16)


def _ride() -> _Sound:
    t = _seconds(0.7)
    ring = sum(np.sin(2 * np.pi * hertz * t) for hertz in (3170, 4230, 5410, 7130))
    return (0.06 * ring + 0.3 * _bright(_bright(_noise("ride", t)))) * (
        0.7 * np.exp(-t / 0.03) + 0.3 * np.exp(-t / 0.25)
    )


def _brush() -> _Sound:
    t = _seconds(0.22)
    return 0.5 * _bright(_noise("brush", t)) * np.minimum(t / 0.004, 1) * np.exp(-t / 0.06)


def _tambourine() -> _Sound:
    t = _seconds(0.2)
    return 0.5 * _bright(_bright(_noise("tambourine", t))) * (np.exp(-t / 0.015) + 0.3 * np.exp(-t / 0.07))


def _timpani() -> _Sound:
    return _skin(82, 0.35)


_DRUMS: dict[str, Callable[[], _Sound]] = {
    "kick": _kick,
    "snare": _snare,
    "clap": _clap,
    "hat": _hat,
    "open_hat": _open_hat,
    "shaker": _shaker,
    "rim": _rim,
    "clave": _clave,
    "conga_low": _conga_low,
    "conga_high": _conga_high,
    "cowbell": _cowbell,
    "crash": _crash,
    "tom": _tom,
    "ride": _ride,
    "brush": _brush,
    "tambourine": _tambourine,
    "timpani": _timpani,
}
DRUM_NAMES = tuple(_DRUMS)
"""All that ``drum`` knows."""


@lru_cache(maxsize=512)
def drum(name: str, speed: float = 1.0) -> _Sound:
    """A drum's sound, as of a smaller drum at a ``speed`` above 1."""
    sound = _DRUMS[name]().astype(np.float32)
    if speed == 1.0:
        return sound
    return np.interp(np.arange(0, len(sound) - 1, speed), np.arange(len(sound)), sound).astype(np.float32)


# Of each voice: strength of the overtones 1, 2, 3..., seconds of decay of the first, of attack, and by how much
# faster each overtone dies than the one below.
_VOICES: dict[str, tuple[tuple[float, ...], float, float, float]] = {
    "bass": ((1.0, 0.6, 0.35, 0.22, 0.14, 0.09, 0.06), 0.30, 0.003, 0.35),
    "sub": ((1.0, 0.25, 0.08), 0.75, 0.004, 0.3),
    "slap": ((1.0, 0.8, 0.7, 0.5, 0.4, 0.3, 0.22, 0.16, 0.1), 0.20, 0.001, 0.5),
    "stab": ((1.0, 0.5, 0.45, 0.25, 0.3, 0.15, 0.12), 0.16, 0.002, 0.25),
    "clav": ((0.7, 1.0, 0.6, 0.7, 0.35, 0.4, 0.2, 0.2), 0.11, 0.001, 0.15),
    "rhodes": ((1.0, 0.35, 0.12, 0.18, 0.03), 0.55, 0.003, 0.7),
    "piano": ((1.0, 0.55, 0.4, 0.25, 0.18, 0.1, 0.06), 0.30, 0.001, 0.4),
    "pad": ((1.0, 0.5, 0.3, 0.15, 0.08), 3.0, 0.15, 0.0),
    "pluck": ((1.0, 0.4, 0.5, 0.2, 0.25, 0.1), 0.14, 0.001, 0.3),
    "guitar": ((1.0, 0.7, 0.55, 0.4, 0.3, 0.25, 0.15, 0.1), 0.5, 0.002, 0.35),
    "upright": ((1.0, 0.5, 0.22, 0.1), 0.35, 0.006, 0.5),
    "organ": ((1.0, 0.8, 0.5, 0.4, 0.05, 0.25), 9.0, 0.008, 0.0),
    "strings": ((1.0, 0.6, 0.5, 0.35, 0.3, 0.2, 0.15), 4.0, 0.06, 0.0),
    "brass": ((0.7, 1.0, 0.9, 0.7, 0.5, 0.35, 0.25, 0.15), 1.2, 0.025, 0.05),
    "bell": ((1.0, 0.05, 0.4, 0.02, 0.3, 0.02, 0.12), 0.9, 0.001, 0.4),
    "square": ((1.0, 0.0, 0.33, 0.0, 0.2, 0.0, 0.14, 0.0, 0.11), 2.5, 0.001, 0.0),
    "saw": ((1.0, 0.5, 0.33, 0.25, 0.2, 0.17, 0.14, 0.12, 0.11, 0.1), 1.5, 0.002, 0.0),
    "distorted": ((1.0, 0.7, 0.5, 0.4, 0.3), 2.5, 0.001, 0.1),
    "chug": ((1.0, 0.7, 0.5, 0.4, 0.3), 0.09, 0.001, 0.3),
}


_OVERDRIVE = {"distorted": 9.0, "chug": 6.0}
"""Gain before the limiter of voices that play open fifths through it."""


@lru_cache(maxsize=512)
def note(voice: str, pitch: int, length: float) -> _Sound:
    """A note of a voice at a MIDI pitch, held for ``length`` seconds."""
    if voice not in _OVERDRIVE:
        return _tone(voice, pitch, length)
    fifth = _tone(voice, pitch, length) + _tone(voice, pitch + 7, length)
    driven = np.tanh(_OVERDRIVE[voice] * fifth)
    # The loudspeaker of an amplifier is dull.
    return (0.5 * np.asarray(lfilter([0.45], [1, -0.55], driven))).astype(np.float32)


def _tone(voice: str, pitch: int, length: float) -> _Sound:
    overtones, decay, attack, damping = _VOICES[voice]
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    t = _seconds(length + 0.06)
    sound = np.zeros(len(t))
    for order, strength in enumerate(overtones, start=1):
        if order * frequency < 0.45 * SAMPLE_RATE:
            # A pair slightly out of tune beats slowly and sounds less like a test tone.
            phase = 2 * np.pi * order * frequency * t
            pair = np.sin(phase) + 0.5 * np.sin(1.003 * phase)
            sound += strength * pair * np.exp(-t * (1 + damping * (order - 1)) / decay)
    release = np.clip((length + 0.05 - t) / 0.05, 0, 1)
    return (0.35 * sound * np.minimum(t / attack, 1) * release).astype(np.float32)


def _skin(frequency: int, decay: float) -> _Sound:
    t = _seconds(0.6)
    sweep = 2 * np.pi * frequency * (t + 0.004 * (1 - np.exp(-t / 0.01)))
    return 0.7 * np.sin(sweep) * np.exp(-t / decay) + 0.15 * _noise("skin", t) * np.exp(-t / 0.006)


def _seconds(length: float) -> _Sound:
    return np.arange(round(length * SAMPLE_RATE)) / SAMPLE_RATE


def _noise(name: str, t: _Sound) -> _Sound:
    return np.random.default_rng(sum(map(ord, name))).uniform(-1, 1, len(t))


def _bright(sound: _Sound) -> _Sound:
    """A gentle high-pass: the low end belongs to the kick and the bass."""
    return np.asarray(lfilter([0.85, -0.85], [1, -0.7], sound))
