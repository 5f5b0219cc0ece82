"""What is compared: readings of the beat, each from a sound to a hand.

Shape letters: K beats.
"""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float

from benchmarks.beats.scores import Hand
from transflower.audio.audio import Audio
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings, CombSettings

FPS = 30.0


def features_hand(settings: AudioSettings, sound: Audio) -> Hand:
    """That of audio features."""
    rows = audio_features.extract(sound, settings)
    names = audio_features.names(settings)
    cosine, sine = (rows[:, names.index(name)].astype(float) for name in ("beat_cos", "beat_sin"))
    return Hand(values=cosine + 1j * sine, fps=settings.fps)


def librosa_hand(sound: Audio) -> Hand:
    """That of librosa's tracker of whole songs, which turns evenly between its beats."""
    import librosa

    _, beats = librosa.beat.beat_track(y=sound.mono, sr=sound.sample_rate, units="time")
    return hand_of(np.asarray(beats, float), seconds=sound.seconds)


def hand_of(beats: Float[np.ndarray, " K"], *, seconds: float, fps: float = FPS) -> Hand:
    """The hand that passes straight up at these beats; before the first and after the last there is none."""
    times = np.arange(int(np.ceil(seconds * fps - 1e-6))) / fps
    if len(beats) < 2:
        return Hand(values=np.zeros(len(times), complex), fps=fps)
    phases = np.interp(times, beats, np.arange(len(beats)))
    is_known = (times >= beats[0]) & (times <= beats[-1])
    return Hand(values=np.where(is_known, np.exp(2j * np.pi * phases), 0), fps=fps)


READINGS: Mapping[str, Callable[[Audio], Hand]] = {
    "whole": lambda sound: features_hand(AudioSettings(reading="whole"), sound),
    "causal": lambda sound: features_hand(AudioSettings(reading="causal"), sound),
    "combs": lambda sound: features_hand(CombSettings(), sound),
    "librosa": librosa_hand,
}
"""Of the whole song, as on a stage, by the tracker of version 0.1, and by librosa."""
