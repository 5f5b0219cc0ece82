"""Beats of recordings whose tempo is stated, and steady: where a regular grid and a beat tracker agree.

Shape letters: N samples, E entries of the onset envelope, K beats, L beats of the other tracker.
"""

import re
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from transflower.audio.reading import read_audio
from transflower.audio.resampling import Resampler
from transflower.features.audio.beat_activations import SAMPLE_RATE
from transflower.features.audio.onsets import OnsetEnvelope

_OFF_TEMPO, _TEMPI, _PHASES = 0.02, 81, 48
"""How far the true tempo may be from the stated one, and how many tempi and phases are tried."""
_AGREE_SECONDS = 0.045
_LEAST_SHARE = 0.8
_STATED = re.compile(r"(\S+)\.opus\s+(\d+) bpm")


def read_tempi(text: str) -> dict[str, float]:
    """Beats per minute by the name of the recording, of lines such as ``happy_1.opus  110 bpm``."""
    return {name: float(bpm) for name, bpm in _STATED.findall(text)}


def read_sound(path: Path) -> Float32[np.ndarray, " N"]:
    """A recording as the network hears it."""
    audio = read_audio(path)
    return Resampler(audio.sample_rate, SAMPLE_RATE).push(audio.mono, last=True)


def agreed_beats(sound: Float32[np.ndarray, " N"], bpm: float) -> Float[np.ndarray, "K"] | None:
    """The regular grid on which most onsets lie, if librosa's tracker agrees with it; else None."""
    onsets = OnsetEnvelope(SAMPLE_RATE)
    envelope = onsets.strength(np.pad(sound, (onsets.samples_before, onsets.samples_after)))
    beats = _regular_grid(envelope, onsets.rate, bpm)
    others = _librosa_beats(sound, bpm)
    if len(others) < len(beats) / 2:
        return None
    offsets = others - beats[np.abs(others[:, None] - beats).argmin(axis=1)]
    # librosa is late by some hundredths of a second, always the same.
    lateness = np.median(offsets)
    agrees = np.abs(offsets - lateness) < _AGREE_SECONDS
    is_plausible = -_AGREE_SECONDS < lateness < 2 * _AGREE_SECONDS
    return beats if is_plausible and agrees.mean() >= _LEAST_SHARE else None


def _regular_grid(envelope: Float32[np.ndarray, " E"], rate: float, bpm: float) -> Float[np.ndarray, "K"]:
    seconds = len(envelope) / rate
    at = np.arange(len(envelope)) / rate
    loud = np.sqrt(envelope)
    best = (-1.0, np.zeros(0))
    for period in 60 / bpm * np.linspace(1 - _OFF_TEMPO, 1 + _OFF_TEMPO, _TEMPI):
        for phase in np.arange(_PHASES) / _PHASES * period:
            beats = np.arange(phase, seconds, period)
            strength = float(np.interp(beats, at, loud).mean())
            best = max(best, (strength, beats), key=lambda found: found[0])
    return best[1]


def _librosa_beats(sound: Float32[np.ndarray, " N"], bpm: float) -> Float[np.ndarray, "L"]:
    import librosa

    return np.asarray(librosa.beat.beat_track(y=sound, sr=SAMPLE_RATE, bpm=bpm, units="time")[1])
