"""Sound -> features: log-mel spectrum, onset strength, beat activation and phase, the same live and from a file."""

from transflower.features.audio.extract import extract, names, sidecar, silence
from transflower.features.audio.stream import AudioFeatureStream
from transflower.features.audio_settings import AudioSettings, CombSettings, settings_from_dict

__all__ = [
    "AudioFeatureStream",
    "AudioSettings",
    "CombSettings",
    "extract",
    "names",
    "settings_from_dict",
    "sidecar",
    "silence",
]
