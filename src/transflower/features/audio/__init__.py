"""Sound -> features: log-mel spectrum, onset strength, beat activation and phase, the same live and from a file."""

from transflower.features.audio.extract import extract, names, sidecar, silence
from transflower.features.audio.stream import AudioFeatureStream
from transflower.features.audio_settings import AudioSettings

__all__ = ["AudioFeatureStream", "AudioSettings", "extract", "names", "sidecar", "silence"]
