"""Where audio features hold no sound.

Shape letters: T rows, D columns.
"""

import numpy as np
from jaxtyping import Float

from transflower.core.stretches import stretches
from transflower.features.sidecar import AudioSidecar

_LEVELS = "mel_"
_DECIBELS = 6.0
"""Levels so little above those of no sound are silent: hardly more than the rounding of 16 bits."""
_ALIKE = 1e-3
_SECONDS = 2.0
"""Shorter silences are rests of the music."""
_SHOWN = 3


def silent_stretches(rows: Float[np.ndarray, "T D"], sidecar: AudioSidecar) -> list[tuple[float, float]]:
    """Seconds at which stretches of silence begin and end: of 2 seconds at least, or the whole."""
    levels = [column for column, name in enumerate(sidecar.names) if name.startswith(_LEVELS)]
    silence = np.array(sidecar.silence, np.float32)
    above = rows[:, levels] - silence[levels] - _DECIBELS if levels else np.abs(rows - silence) - _ALIKE
    found = stretches(np.asarray((above <= 0).all(axis=1)))
    least = min(_SECONDS * sidecar.fps, len(rows))
    return [(start / sidecar.fps, stop / sidecar.fps) for start, stop in found if stop - start >= least]


def describe_silence(rows: Float[np.ndarray, "T D"], sidecar: AudioSidecar) -> str:
    """The silent stretches for a person; empty where there is none."""
    found = silent_stretches(rows, sidecar)
    if found == [(0.0, len(rows) / sidecar.fps)]:
        return "silent throughout"
    return " and ".join(f"silent from {start:.1f} to {stop:.1f} s" for start, stop in found[:_SHOWN]) + (
        f" and in {len(found) - _SHOWN} more places" if len(found) > _SHOWN else ""
    )
