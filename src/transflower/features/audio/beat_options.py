"""What a person knows of the beats of a song, and the beats that follow from it.

Shape letters: B beats.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError, OptionsError
from transflower.features.audio.beat_file import FASTEST_BPM, SLOWEST_BPM, find_beats, read_beats
from transflower.features.audio.beat_times import HeardBeats


@dataclass(frozen=True, kw_only=True)
class BeatOptions:
    """Either a file of all beats, or the tempo, a beat, or both.

    Raises:
        OptionsError: they contradict each other, or are out of range.
    """

    bpm: float | None = None
    """Beats per minute, the same throughout."""
    first_beat: float | None = None
    """Second at which a beat is."""
    file: Path | None = None
    """File with the times of all beats, or a folder with one of the song's name."""

    def __post_init__(self) -> None:
        if self.file is not None and (self.bpm is not None or self.first_beat is not None):
            raise OptionsError("--beats says when every beat is; leave out --bpm and --first_beat")
        if self.bpm is not None and not SLOWEST_BPM <= self.bpm <= FASTEST_BPM:
            raise OptionsError(f"--bpm must be {SLOWEST_BPM:g} to {FASTEST_BPM:g}, got {self.bpm:g}")
        if self.first_beat is not None and not 0 <= self.first_beat < np.inf:
            raise OptionsError(f"--first_beat must be a second of the song, from 0 on, got {self.first_beat:g}")

    @property
    def is_given(self) -> bool:
        """Whether anything is known."""
        return self.file is not None or self.bpm is not None or self.first_beat is not None

    @property
    def needs_heard(self) -> bool:
        """Whether what is heard says the rest."""
        return self.file is None and (self.bpm is None or self.first_beat is None)

    def beats(self, name: str, heard: HeardBeats | None = None) -> Float[np.ndarray, " B"]:
        """Beats of the song of this name, at least two; they go on at their tempo before and after.

        Raises:
            DataError: no beat was heard, whose tempo would be needed.
            FormatError: the file cannot be used.
        """
        if self.file is not None:
            return read_beats(find_beats(self.file, name))
        if self.bpm is None:
            assert heard is not None, "needs_heard says so"
            assert self.first_beat is not None, "is_given says so"
            if not heard.is_heard:
                raise DataError(f"no beat is heard in {name}, so --first_beat needs the tempo too: add --bpm")
            return shifted(heard.times, self.first_beat)
        period = 60 / self.bpm
        first = self.first_beat
        if first is None:
            first = _best_start(heard, period) if heard is not None and heard.is_heard else 0.0
        return first + period * np.arange(2)


def shifted(beats: Float[np.ndarray, " B"], beat: float) -> Float[np.ndarray, " C"]:
    """Beats of the same tempi, of which one is at ``beat``; gaps are filled."""
    beats = _without_gaps(beats)
    first, last = beats[1] - beats[0], beats[-1] - beats[-2]
    # As far before and after as is needed to reach ``beat``, and one more.
    before = max(1, int(np.ceil((beats[0] - min(beat, 0.0)) / first)) + 1)
    after = max(1, int(np.ceil((beat - beats[-1]) / last)) + 1)
    known = np.concatenate(
        [beats[0] - first * np.arange(before, 0, -1), beats, beats[-1] + last * np.arange(1, after + 1)]
    )
    counts = np.arange(len(known))
    place = np.interp(beat, known, counts)
    moved = np.interp(counts[:-1] + place % 1, counts, known)
    return moved[moved >= 0]


def _without_gaps(beats: Float[np.ndarray, " B"]) -> Float[np.ndarray, " C"]:
    """The same with as many beats in every gap as the tempo has in that time."""
    periods = np.diff(beats)
    usual = float(np.median(periods))
    counts = np.where(periods > 1.5 * usual, np.rint(periods / usual), 1)
    return np.interp(np.arange(counts.sum() + 1), np.concatenate([[0], np.cumsum(counts)]), beats)


def _best_start(heard: HeardBeats, period: float) -> float:
    """The first second of a grid of this period that agrees best with the beats that were heard."""
    hands = heard.sure * np.exp(2j * np.pi * heard.times / period)
    start = float(np.angle(hands.sum()) / (2 * np.pi) * period) % period
    # Where every other beat was heard, the grid begins with one of them.
    is_odd = np.mean(np.cos(np.pi * (heard.times - start) / period)) < -0.5
    return start + period * bool(is_odd)
