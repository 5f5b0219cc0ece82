"""Audio features of a whole recording.

Shape letters: T rows, D columns.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Float32

from transflower.audio.audio import Audio
from transflower.features.audio.settings import AudioSettings
from transflower.features.audio.stream import AudioFeatureStream


def extract(audio: Audio, settings: AudioSettings) -> Float32[np.ndarray, "T D"]:
    """Mel levels in decibels, onset strength, beat activation, cosine and sine of the beat's phase.

    Row k is centred on k / fps seconds, T = ceil(seconds * fps), and the sound before ``k / fps - 8`` or after
    ``k / fps + 0.1`` seconds has no part in it.
    """
    stream = AudioFeatureStream(audio.sample_rate, settings)
    return np.concatenate([stream.push(audio.samples), stream.finish()])


def names(settings: AudioSettings) -> tuple[str, ...]:
    """What each column holds."""
    return (*(f"mel_{band:02d}" for band in range(settings.mels)), "onset", "beat", "beat_cos", "beat_sin")


def silence(settings: AudioSettings) -> Float32[np.ndarray, " D"]:
    """The row of no sound."""
    one_sample = Audio(np.zeros((1, 1), np.float32), settings.sample_rate)
    return extract(one_sample, settings)[0]


def sidecar(settings: AudioSettings) -> dict[str, Any]:
    """What a file of such features must say about itself: the keys of an audio sidecar."""
    return {
        "kind": "audio",
        "fps": settings.fps,
        "settings": asdict(settings),
        "names": list(names(settings)),
        "silence": silence(settings).tolist(),
    }
