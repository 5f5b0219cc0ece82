"""Music whose bars or beats have three parts: waltz, 6/8, shuffle and swing, on a grid of twelve steps a bar."""

from collections.abc import Mapping

from transflower.synthetic.arrangement import Arrangement, DrumLayer, NoteLayer

_STEPS = 12
_BEATS = (0, 3, 6, 9)
_TRIPLETS = tuple(range(12))
_SWUNG = (0, 2, 3, 5, 6, 8, 9, 11)
"""Eighths, each second one two thirds of a beat late."""
_QUARTERS = (0, 4, 8)
"""Of a bar of three beats."""
_BLUES = ((0, "seventh"), (5, "seventh"), (0, "seventh"), (7, "seventh"))
_TURNAROUND = ((2, "minor"), (7, "seventh"), (0, "major"), (9, "minor"))
_WALTZ = ((0, "major"), (7, "seventh"), (5, "major"), (7, "seventh"))
_SAD = ((0, "minor"), (8, "major"), (3, "major"), (7, "seventh"))

GENRES_IN_THREES: Mapping[str, Arrangement] = {
    "waltz": Arrangement(
        tempo=(78, 138),
        steps=_STEPS,
        beats=3,
        danced_as="latin",
        progressions=(_WALTZ, _SAD, ((0, "major"), (0, "major"), (7, "seventh"), (7, "seventh"))),
        drums=(
            DrumLayer("kick", (0,), 0.8, above=0.3),
            DrumLayer("brush", (4, 8), 0.6),
            DrumLayer("hat", (0, 2, 4, 6, 8, 10), 0.35, above=0.7),
            DrumLayer("timpani", (0,), 0.5, above=0.85),
        ),
        notes=(
            NoteLayer("upright", (0,), 4, tones=(0,), gain=0.75, octave=-1),
            NoteLayer("piano", (4, 8), 2, gain=0.3, octave=1),
            NoteLayer("strings", (0, 6), 6, tones=(2, 4), gain=0.25, octave=2, above=0.4),
            NoteLayer("brass", (0, 4, 8), 3, tones=(0, 2, 3), gain=0.2, octave=2, above=0.8),
        ),
    ),
    "ballad_in_6_8": Arrangement(
        tempo=(60, 96),
        steps=_STEPS,
        beats=2,
        danced_as="hiphop",
        progressions=(_SAD, ((0, "major"), (9, "minor"), (5, "major"), (7, "seventh"))),
        drums=(
            DrumLayer("kick", (0,), 0.8, above=0.3),
            DrumLayer("snare", (6,), 0.65, above=0.4),
            DrumLayer("rim", (6,), 0.6, below=0.4),
            DrumLayer("hat", (0, 2, 4, 6, 8, 10), 0.45),
            DrumLayer("ride", (0, 2, 4, 6, 8, 10), 0.3, above=0.8),
        ),
        notes=(
            NoteLayer("guitar", (0, 2, 4, 6, 8, 10), 3, tones=(0, 1, 2, 3, 2, 1), gain=0.3, octave=1),
            NoteLayer("bass", (0, 6, 10), 4, tones=(0, 0, 2), gain=0.6, octave=-1, above=0.3),
            NoteLayer("organ", (0,), 12, gain=0.12, octave=1, above=0.6),
            NoteLayer("distorted", (0, 6), 6, tones=(0, 0), gain=0.22, octave=0, above=0.85),
        ),
    ),
    "jazz": Arrangement(
        tempo=(96, 200),
        steps=_STEPS,
        danced_as="funk",
        progressions=(_TURNAROUND, _BLUES),
        drums=(
            DrumLayer("ride", (0, 3, 5, 6, 9, 11), 0.5),
            DrumLayer("hat", (3, 9), 0.6),
            DrumLayer("kick", _BEATS, 0.35, above=0.4),
            DrumLayer("snare", (5, 8, 11), 0.2, above=0.7),
        ),
        notes=(
            NoteLayer("upright", _BEATS, 3, tones=(0, 1, 2, 3), gain=0.7, octave=-1),
            NoteLayer("piano", (2, 8, 11), 2, gain=0.25, octave=1),
            NoteLayer("brass", (0, 3, 5, 8, 9, 11), 2, tones=(2, 3, 4, 3, 5, 4), gain=0.25, octave=1, above=0.6),
        ),
    ),
    "shuffle": Arrangement(
        tempo=(84, 138),
        steps=_STEPS,
        danced_as="funk",
        progressions=(_BLUES, ((0, "seventh"), (0, "seventh"), (5, "seventh"), (7, "seventh"))),
        drums=(
            DrumLayer("kick", (0, 6), 0.85, above=0.3),
            DrumLayer("snare", (3, 9), 0.75, above=0.35),
            DrumLayer("hat", _SWUNG, 0.45),
            DrumLayer("ride", _SWUNG, 0.3, above=0.8),
        ),
        notes=(
            NoteLayer("bass", _SWUNG, 1.5, tones=(0, 0, 1, 1, 2, 2, 3, 2), gain=0.55, octave=-1),
            NoteLayer("organ", (0, 5, 9), 2, gain=0.2, octave=1),
            NoteLayer("distorted", (0, 5, 6, 11), 2, tones=(0, 0, 0, 0), gain=0.25, octave=0, above=0.75),
        ),
    ),
    "gospel": Arrangement(
        tempo=(60, 84),
        steps=_STEPS,
        danced_as="hiphop",
        progressions=(_TURNAROUND, ((0, "major"), (0, "seventh"), (5, "major"), (0, "major"))),
        drums=(
            DrumLayer("kick", (0, 6), 0.8, above=0.3),
            DrumLayer("clap", (3, 9), 0.6),
            DrumLayer("hat", _TRIPLETS, 0.35, above=0.3),
            DrumLayer("tambourine", _TRIPLETS, 0.25, above=0.7),
        ),
        notes=(
            NoteLayer("organ", (0, 6), 6, gain=0.2, octave=1),
            NoteLayer("piano", _TRIPLETS, 1.5, tones=(0, 2, 3) * 4, gain=0.25, octave=1, above=0.4),
            NoteLayer("bass", (0, 5, 6, 11), 3, tones=(0, 2, 0, 1), gain=0.6, octave=-1),
        ),
    ),
    "march": Arrangement(
        tempo=(92, 132),
        steps=_STEPS,
        beats=2,
        danced_as="house",
        progressions=(_WALTZ, _SAD),
        drums=(
            DrumLayer("kick", (0, 6), 0.8),
            DrumLayer("snare", (4, 6, 10), 0.45, above=0.3),
            DrumLayer("snare", (0, 2, 4, 6, 8, 10), 0.3, above=0.7),
        ),
        notes=(
            NoteLayer("brass", (0, 4, 6, 10), 2, tones=(0, 2, 3, 2), gain=0.28, octave=1),
            NoteLayer("upright", (0, 6), 3, tones=(0, 2), gain=0.6, octave=-1),
            NoteLayer("square", (0, 2, 4, 6, 8, 10), 1, tones=(4, 3, 4, 5, 4, 3), gain=0.12, octave=2, above=0.6),
        ),
    ),
}
"""By name."""
