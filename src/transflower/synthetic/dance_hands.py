"""The hand of the beat features, turned to the beats that a dance counts.

Fast music is danced at half its tempo, and nothing says on which beat of each pair; other songs have a beat between
those that are written. Features choose one and synthetic dancers another; a model can only learn from features that
chose as the dancer did. Shape letters: T rows, D columns,
K beats.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Complex128, Float, Float32
from scipy.ndimage import binary_opening, gaussian_filter1d

from transflower.features.audio.beat_stream import NAMES, beat_rows

_SECONDS = 2.0
"""Over which hands are compared, and shortest stretch that is turned."""
_OPPOSED = -0.5
"""Mean cosine between the hands from which on they oppose each other."""


def turn_hands(
    rows: Float32[np.ndarray, "T D"], names: Sequence[str], beats: Float[np.ndarray, "K"], fps: float
) -> Float32[np.ndarray, "T D"]:
    """The rows with the hand turned round, and the activation moved to it, where it opposes that of ``beats``.

    Args:
        rows: audio features with the columns of the beat.
        names: of the columns.
        beats: seconds of the beats that are danced.
        fps: rows per second.
    """
    hand, danced = heard_and_danced(rows, names, beats, fps)
    opposed = _is_opposed(hand, danced, fps)
    periods = np.interp(np.arange(len(rows)) / fps, beats[:-1], np.diff(beats))
    turned = rows.copy()
    for name, column in zip(NAMES, beat_rows(-hand, 60 / periods).T, strict=True):
        turned[opposed, list(names).index(name)] = column[opposed]
    return turned


def heard_and_danced(
    rows: Float32[np.ndarray, "T D"], names: Sequence[str], beats: Float[np.ndarray, "K"], fps: float
) -> tuple[Complex128[np.ndarray, "T"], Complex128[np.ndarray, "T"]]:
    """The hand of the features, and that of a dance to ``beats``, which is 0 before the first and after the last."""
    cosine, sine = (rows[:, list(names).index(name)] for name in ("beat_cos", "beat_sin"))
    hand = cosine + 1j * sine.astype(complex)
    seconds = np.arange(len(rows)) / fps
    phase = np.interp(seconds, beats, np.arange(len(beats)))
    inside = (seconds >= beats[0]) & (seconds <= beats[-1])
    return hand, np.exp(2j * np.pi * phase) * inside


def _is_opposed(
    hand: Complex128[np.ndarray, "T"], danced: Complex128[np.ndarray, "T"], fps: float
) -> Bool[np.ndarray, "T"]:
    """Whether the hands point in opposite directions for some seconds."""
    agreement = gaussian_filter1d((hand * danced.conj()).real, _SECONDS * fps, mode="nearest")
    length = gaussian_filter1d(np.abs(hand) * np.abs(danced), _SECONDS * fps, mode="nearest")
    count = round(_SECONDS * fps)
    opposed = np.pad(agreement < _OPPOSED * length, count, mode="edge")
    return binary_opening(opposed, np.ones(count))[count:-count]
