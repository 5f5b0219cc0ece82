"""Audio features of a whole recording.

Shape letters: T rows, D columns.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from transflower.audio.audio import Audio
from transflower.audio.reading import pieces_of
from transflower.features.audio.stream import AudioFeatureStream
from transflower.features.audio_settings import AudioSettings


def extract(sound: Audio | Path | str, settings: AudioSettings) -> Float32[np.ndarray, "T D"]:
    """Mel levels in decibels, onset strength, beat activation, cosine and sine of the beat's phase.

    Row k is centred on k / fps seconds, T = ceil(seconds * fps), and the sound before ``k / fps - 8`` or after
    ``k / fps + 0.1`` seconds has no part in it, except in how channels are mixed. A file is read in pieces.

    Raises:
        FormatError: the file cannot be read whole.
    """
    pieces = pieces_of(sound)
    first = next(pieces)
    stream = AudioFeatureStream(first.sample_rate, settings)
    rows = [stream.push(first.samples)]
    rows += [stream.push(piece.samples) for piece in pieces]
    return np.concatenate([*rows, stream.finish()])


def names(settings: AudioSettings) -> tuple[str, ...]:
    """What each column holds."""
    return (*(f"mel_{band:02d}" for band in range(settings.mels)), "onset", "beat", "beat_cos", "beat_sin")


def silence(settings: AudioSettings) -> Float32[np.ndarray, " D"]:
    """The row of no sound."""
    one_sample = Audio(np.zeros((1, 1), np.float32), settings.sample_rate)
    return extract(one_sample, settings)[0]


def sidecar(settings: AudioSettings) -> dict[str, Any]:
    """The sidecar of such features, as JSON holds it."""
    return {
        "kind": "audio",
        "fps": settings.fps,
        "settings": asdict(settings),
        "names": list(names(settings)),
        "silence": silence(settings).tolist(),
    }
