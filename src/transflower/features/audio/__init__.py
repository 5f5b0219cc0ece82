"""Sound -> features: log-mel spectrum, onset strength, beat activation and phase, the same live and from a file."""

from transflower.features.audio.extract import extract, names, sidecar, silence
from transflower.features.audio.settings import AudioSettings
from transflower.features.audio.stream import AudioFeatureStream

__all__ = ["AudioFeatureStream", "AudioSettings", "extract", "names", "sidecar", "silence"]
