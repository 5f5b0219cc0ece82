"""Whether the beats that are given with a song are heard in it: some are those of another song, or of no music.

Shape letters: K beats.
"""

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.features.audio.onsets import OnsetEnvelope

_LATE_SECONDS = 0.006
_ON, _OFF = 0.025, 0.06
"""Seconds from a beat within which it is on it, and from which on it is between beats."""
_LEAST = 1.3


def are_heard(sound: Audio, beats: Float[np.ndarray, "K"]) -> bool:
    """Whether onsets on the beats are stronger than those between them, in sound of one channel."""
    envelope = OnsetEnvelope(sound.sample_rate)
    before, after = (np.zeros(count, np.float32) for count in (envelope.samples_before, envelope.samples_after))
    strength = envelope.strength(np.concatenate([before, sound.mono, after]))
    seconds = np.arange(len(strength)) / envelope.rate - _LATE_SECONDS
    inside = (seconds > beats[0]) & (seconds < beats[-1])
    number = np.interp(seconds, beats, np.arange(len(beats)))
    away = np.abs(seconds - beats[np.rint(number).astype(int)])
    on, off = strength[inside & (away < _ON)], strength[inside & (away > _OFF)]
    return bool(len(on) and len(off) and on.mean() > _LEAST * off.mean())
