"""Beats that are given with a song: a file of their times, and what of them is danced.

Shape letters: K beats, D downbeats, M beats that are danced.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.features.audio.beat_file import read_bars
from transflower.features.audio.dance_hand import HALVED_ABOVE
from transflower.synthetic.curves import PHRASE_BEATS

SUFFIX = ".beats.txt"
"""Of the name of the file beside a sound."""
_DOUBLED_BELOW = 50.0
_GAP = 1.75
"""An interval of so many beats lacks beats."""
_SAME = 0.15
"""Part of a beat by which a downbeat may miss a beat that is danced."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GivenBeats:
    """All beats of a song."""

    beats: Float[np.ndarray, "K"]
    """Seconds, ascending."""
    downbeats: Float[np.ndarray, "D"]
    """Those that begin a bar; none where bars are not known."""


def read_given_beats(path: Path | str) -> GivenBeats:
    """Read a file of beats, which may say their places in the bar.

    Raises:
        FormatError: not such a file, or fewer than two beats.
    """
    beats, downbeats = read_bars(path)
    return GivenBeats(beats=beats, downbeats=downbeats)


def danced_beats(given: GivenBeats) -> Float[np.ndarray, "M"]:
    """The beats that a dancer counts, from a downbeat on: every second one where they are fast.

    Beats that lack are filled in, and where the song is slower than anybody dances, those between are added.
    """
    beats = _filled(given.beats)
    while (tempo := _tempo(beats)) > HALVED_ABOVE:
        beats = beats[_with_downbeats(beats, given.downbeats) :: 2]
    if tempo < _DOUBLED_BELOW:
        beats = np.interp(np.arange(2 * len(beats) - 1) / 2, np.arange(len(beats)), beats)
    return beats[_first_downbeat(beats, given.downbeats) :]


def _tempo(beats: Float[np.ndarray, "K"]) -> float:
    return 60 / float(np.median(np.diff(beats))) if len(beats) > 2 else 0.0


def _filled(beats: Float[np.ndarray, "K"]) -> Float[np.ndarray, "M"]:
    """With beats evenly put into long intervals."""
    intervals = np.diff(beats)
    usual = np.median(intervals)
    parts = np.where(intervals > _GAP * usual, np.round(intervals / usual), 1).astype(int)
    numbers = np.concatenate([[0], np.cumsum(parts)])
    return np.interp(np.arange(numbers[-1] + 1), numbers, beats)


def _with_downbeats(beats: Float[np.ndarray, "K"], downbeats: Float[np.ndarray, "D"]) -> int:
    """0 where the first of each pair of beats begins more of the bars, 1 where the second does."""
    on_first, on_second = (_num_on(beats[start::2], downbeats) for start in (0, 1))
    return int(on_second > on_first)


def _first_downbeat(beats: Float[np.ndarray, "K"], downbeats: Float[np.ndarray, "D"]) -> int:
    """The number of the first beat that begins a bar, 0 where none of the first eight does."""
    for number in range(min(PHRASE_BEATS, len(beats))):
        if _num_on(beats[number : number + 1], downbeats, period=beats[1] - beats[0]):
            return number
    return 0


def _num_on(beats: Float[np.ndarray, "K"], downbeats: Float[np.ndarray, "D"], *, period: float = 0.5) -> int:
    """How many downbeats are on one of the beats."""
    if len(beats) == 0 or len(downbeats) == 0:
        return 0
    nearest = np.abs(downbeats[:, None] - beats[None]).min(axis=1)
    return int((nearest < _SAME * period).sum())
