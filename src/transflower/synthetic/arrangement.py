"""What each style plays: drum patterns, bass lines, chords and tunes, on a grid of sixteen steps a bar.

A layer sounds where the energy of the music reaches it, so that quiet and loud parts differ by what plays, not by
volume alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = 16
"""Steps of a bar of four beats."""


@dataclass(frozen=True)
class DrumLayer:
    """A drum hit at some steps of every bar."""

    drum: str
    steps: tuple[int, ...]
    gain: float
    above: float = 0.0
    """Energy from which on it plays."""
    below: float = 2.0
    """Energy from which on it falls silent."""


@dataclass(frozen=True)
class NoteLayer:
    """A voice that plays tones of the bar's chord at some steps."""

    voice: str
    steps: tuple[int, ...]
    length: int | float
    """Steps that a note is held."""
    gain: float
    octave: int
    tones: tuple[int | None, ...] = ()
    """Which tone of the chord at each step, beyond its last one an octave up; None, or no list, for all at once."""
    above: float = 0.0
    below: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """A musical style."""

    tempo: tuple[int, int]
    """Slowest and fastest, beats per minute."""
    steps: int = STEPS
    """Of a bar."""
    beats: int = 4
    """Of a bar."""
    danced_as: str = ""
    """Style of the motion; none where the arrangement has that name itself."""
    swing: float = 0.0
    """Delay of every second step, as a share of a step (swing)."""
    pump: float = 0.0
    """By how much the notes duck under each kick on the beat, 0 to 1."""
    progressions: tuple[tuple[tuple[int, str], ...], ...]
    """Choices of chords, one a bar: semitones over the key, kind of chord."""
    drums: tuple[DrumLayer, ...]
    notes: tuple[NoteLayer, ...]

    @property
    def steps_per_beat(self) -> int:
        """Of which the first is louder than the others."""
        return self.steps // self.beats


PHRASE_BEGINS = DrumLayer("crash", (0,), 0.8)
"""Played in the first bar of every phrase of most songs: dancers hear where to begin something new."""
PHRASE_ENDS = DrumLayer("tom", (10, 12, 13, 14, 15), 0.6)
"""Played in its last bar."""

CHORDS: Mapping[str, tuple[int, ...]] = {
    "minor": (0, 3, 7, 10),
    "major": (0, 4, 7, 11),
    "seventh": (0, 4, 7, 10),
    "fifth": (0, 7, 12),
}
"""Tones of a chord, semitones above its root."""

_EIGHTHS = tuple(range(0, 16, 2))
_SIXTEENTHS = tuple(range(16))
_BEATS = (0, 4, 8, 12)

ARRANGEMENTS: Mapping[str, Arrangement] = {
    "house": Arrangement(
        tempo=(112, 138),
        pump=0.55,
        progressions=(
            ((0, "minor"), (8, "major"), (3, "major"), (10, "seventh")),
            ((0, "minor"), (0, "minor"), (5, "minor"), (7, "minor")),
            ((0, "minor"), (10, "seventh"), (8, "major"), (10, "seventh")),
        ),
        drums=(
            DrumLayer("kick", _BEATS, 0.9, above=0.4),
            DrumLayer("kick", (0, 8), 0.55, below=0.4),
            DrumLayer("clap", (4, 12), 0.6),
            DrumLayer("open_hat", (2, 6, 10, 14), 0.22, above=0.4),
            DrumLayer("hat", _EIGHTHS, 0.35),
            DrumLayer("hat", _SIXTEENTHS, 0.35, above=0.7),
        ),
        notes=(
            NoteLayer("pad", (0,), 16, gain=0.16, octave=1),
            NoteLayer("bass", (2, 6, 10, 14), 1.5, tones=(0, 0, 0, 0), gain=0.6, octave=-1, above=0.4, below=0.7),
            NoteLayer(
                "bass", (2, 3, 6, 7, 10, 11, 14, 15), 1, tones=(0, 4, 0, 4, 0, 4, 2, 4), gain=0.6, octave=-1, above=0.7
            ),
            NoteLayer("stab", (0, 3, 6, 11), 1, gain=0.2, octave=1, above=0.45),
            NoteLayer(
                "pluck", (0, 2, 4, 6, 8, 10, 12, 14), 1, tones=(0, 2, 3, 4, 3, 2, 5, 3), gain=0.3, octave=2, above=0.75
            ),
        ),
    ),
    "funk": Arrangement(
        tempo=(96, 120),
        swing=0.12,
        progressions=(
            ((0, "seventh"), (0, "seventh"), (5, "seventh"), (0, "seventh")),
            ((0, "minor"), (5, "seventh"), (0, "minor"), (5, "seventh")),
        ),
        drums=(
            DrumLayer("kick", (0, 7, 8, 10), 0.85, above=0.4),
            DrumLayer("kick", (0,), 0.6, below=0.4),
            DrumLayer("snare", (4, 12), 0.7, above=0.4),
            DrumLayer("rim", (4, 12), 0.6, below=0.4),
            DrumLayer("snare", (7, 9, 15), 0.2, above=0.6),
            DrumLayer("hat", _EIGHTHS, 0.45),
            DrumLayer("hat", _SIXTEENTHS, 0.3, above=0.5),
            DrumLayer("open_hat", (14,), 0.45, above=0.7),
        ),
        notes=(
            NoteLayer("slap", (0, 3, 6, 7, 10, 12, 14), 2, tones=(0, 0, 3, 4, 0, 2, 3), gain=0.5, octave=-1, above=0.4),
            NoteLayer("bass", (0, 10), 4, tones=(0, 0), gain=0.5, octave=-1, below=0.4),
            NoteLayer("clav", (0, 3, 4, 7, 8, 11, 12), 0.7, gain=0.2, octave=1),
            NoteLayer("stab", (0, 6, 7), 2, gain=0.24, octave=2, above=0.75),
        ),
    ),
    "hiphop": Arrangement(
        tempo=(78, 100),
        swing=0.3,
        progressions=(
            ((0, "minor"), (8, "major"), (0, "minor"), (7, "seventh")),
            ((0, "minor"), (5, "minor"), (0, "minor"), (10, "seventh")),
        ),
        drums=(
            DrumLayer("kick", (0, 7, 10), 0.95, above=0.4),
            DrumLayer("kick", (0,), 0.6, below=0.4),
            DrumLayer("snare", (4, 12), 0.75, above=0.4),
            DrumLayer("rim", (4, 12), 0.6, below=0.4),
            DrumLayer("clap", (4, 12), 0.4, above=0.7),
            DrumLayer("hat", _EIGHTHS, 0.45),
            DrumLayer("hat", (3, 7, 11, 13, 14, 15), 0.35, above=0.7),
        ),
        notes=(
            NoteLayer("sub", (0, 7, 10), 6, tones=(0, 0, 2), gain=0.75, octave=-2, above=0.4),
            NoteLayer("rhodes", (0, 7), 6, gain=0.24, octave=1),
            NoteLayer("pluck", (2, 4, 7, 10, 11, 14), 1, tones=(4, 3, 2, 4, 5, 3), gain=0.28, octave=1, above=0.7),
        ),
    ),
    "latin": Arrangement(
        tempo=(88, 116),
        progressions=(
            ((0, "minor"), (5, "minor"), (7, "seventh"), (0, "minor")),
            ((0, "major"), (5, "major"), (7, "seventh"), (5, "major")),
        ),
        drums=(
            DrumLayer("kick", _BEATS, 0.6, above=0.7),
            DrumLayer("kick", (0, 8), 0.55, below=0.7),
            DrumLayer("clave", (0, 3, 6, 10, 12), 0.4),
            DrumLayer("shaker", _EIGHTHS, 0.5),
            DrumLayer("shaker", _SIXTEENTHS, 0.35, above=0.5),
            DrumLayer("conga_low", (6, 7, 14, 15), 0.55, above=0.4),
            DrumLayer("conga_high", (4, 12, 10), 0.5, above=0.4),
            DrumLayer("cowbell", _BEATS, 0.45, above=0.7),
        ),
        notes=(
            NoteLayer("bass", (0, 6, 12), 3, tones=(0, 2, 4), gain=0.65, octave=-1),
            NoteLayer(
                "piano",
                (0, 3, 4, 6, 7, 9, 10, 12, 13, 15),
                1.5,
                tones=(None, 2, 4, None, 2, 4, None, 2, 4, None),
                gain=0.24,
                octave=1,
                above=0.4,
            ),
            NoteLayer("pad", (0,), 16, gain=0.15, octave=1, below=0.4),
            NoteLayer("stab", (2, 5, 8), 1, gain=0.24, octave=2, above=0.75),
        ),
    ),
}
"""By style."""
