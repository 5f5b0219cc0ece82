"""The rows of beats that are known: from a person's ear, a project of a music program, or another tracker.

Shape letters: K beats, T rows.
"""

import numpy as np
from jaxtyping import Float, Float32

from transflower.features.audio.beat_stream import beat_rows
from transflower.features.audio.dance_hand import HALVED_ABOVE, WHOLE_BELOW

_AROUND = 4
"""Intervals on either side whose median is the tempo at a beat: one long pause does not change what is danced."""


def known_beat_rows(beats: Float[np.ndarray, " K"], *, num_rows: int, fps: float) -> Float32[np.ndarray, "T 4"]:
    """Rows whose hand follows ``beats``, ascending seconds, exactly; before and after them at their tempo.

    Music too fast to be danced beat by beat has its hand up at every other one, from the first on.
    """
    counts = _dance_counts(beats)
    times = np.arange(num_rows) / fps
    early, late = max(1.0, np.ceil(beats[0])), max(1.0, np.ceil(num_rows / fps - beats[-1]))
    first, last = _speed(beats[:2], counts[:2]), _speed(beats[-2:], counts[-2:])
    seconds = np.concatenate([[beats[0] - early], beats, [beats[-1] + late]])
    turns = np.concatenate([[counts[0] - early * first], counts, [counts[-1] + late * last]])
    phase = np.interp(times, seconds, turns)
    interval = np.clip(np.searchsorted(seconds, times, side="right") - 1, 0, len(seconds) - 2)
    bpm = 60 * np.diff(turns)[interval] / np.diff(seconds)[interval]
    return beat_rows(np.exp(2j * np.pi * phase), bpm)


def _dance_counts(beats: Float[np.ndarray, " K"]) -> Float[np.ndarray, " K"]:
    """Turns of the dance's hand at each beat, from 0 on."""
    intervals = np.diff(beats)
    counts, is_fast = [0.0], False
    for index in range(len(intervals)):
        bpm = 60 / float(np.median(intervals[max(0, index - _AROUND) : index + _AROUND + 1]))
        # At every other beat of fast music the hand is down: there it goes on as it is.
        if counts[-1] % 1 == 0:
            is_fast = bpm > (WHOLE_BELOW if is_fast else HALVED_ABOVE)
        counts.append(counts[-1] + (0.5 if is_fast else 1.0))
    return np.array(counts)


def _speed(beats: Float[np.ndarray, " 2"], counts: Float[np.ndarray, " 2"]) -> float:
    """Turns in a second."""
    return float((counts[1] - counts[0]) / (beats[1] - beats[0]))
