"""The beats that are heard in a sound file."""

from pathlib import Path

from transflower.features.audio.beat_times import HeardBeats, heard_beats
from transflower.features.audio.extract import extract, names
from transflower.features.audio_settings import AudioSettings


def sound_beats(sound: Path) -> HeardBeats:
    """Its beats, as the tracker of whole songs hears them.

    Raises:
        FormatError: the file cannot be read.
    """
    settings = AudioSettings()
    return heard_beats(extract(sound, settings), names(settings), settings.fps)
