"""What audio features cost: processor time as a share of the sound's, and the time until the first can be made."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from transflower.audio.audio import Audio
from transflower.features.audio import AudioSettings
from transflower.features.audio.levels import LevelStream

_START = """
import numpy as np
from transflower.audio.audio import Audio
from transflower.features.audio import AudioFeatureStream, AudioSettings
AudioFeatureStream(24000, AudioSettings()).push(np.zeros((24000, 1), np.float32))
"""
_REPEATS = 3


def costs(readings: Mapping[str, Callable[[Audio], object]], sound: Audio) -> dict[str, float]:
    """Seconds of processor time for each second of sound, and how many of them the beat takes; run with one thread."""
    levels = _cost(_levels, sound)
    found = {}
    for name, read in readings.items():
        found[name] = _cost(read, sound)
        found[f"{name}, the beat alone"] = found[name] - levels
    return found


def start_seconds() -> float:
    """Seconds of processor time from the start of Python to the features of a first second of sound.

    Without what Python and numpy take to start.
    """
    return _seconds_of(_START) - _seconds_of("import numpy")


def _cost(read: Callable[[Audio], object], sound: Audio) -> float:
    read(sound)  # loads what is loaded once
    taken = []
    for _ in range(_REPEATS):
        start = time.process_time()
        read(sound)
        taken.append(time.process_time() - start)
    return min(taken) / sound.seconds


def _levels(sound: Audio) -> object:
    """The columns before those of the beat."""
    return LevelStream(sound.sample_rate, AudioSettings()).push(sound.mono, last=True)


def _seconds_of(code: str) -> float:
    taken = []
    for _ in range(_REPEATS):
        start = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        end = os.times()
        taken.append(end.children_user + end.children_system - start.children_user - start.children_system)
    return min(taken)
