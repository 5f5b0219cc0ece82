"""More kinds of music than the four styles, in bars of four beats, each danced as one of the styles.

``GENRES`` has these, those of other bars, and the styles themselves.
"""

from collections.abc import Mapping

from transflower.synthetic.arrangement import ARRANGEMENTS, Arrangement, DrumLayer, NoteLayer
from transflower.synthetic.genres_in_threes import GENRES_IN_THREES

_EIGHTHS = tuple(range(0, 16, 2))
_SIXTEENTHS = tuple(range(16))
_BEATS = (0, 4, 8, 12)
_SAD = ((0, "minor"), (8, "major"), (3, "major"), (10, "seventh"))
_GLAD = ((0, "major"), (7, "seventh"), (9, "minor"), (5, "major"))
_PLAIN = ((0, "major"), (5, "major"), (0, "major"), (7, "seventh"))
_DARK = ((0, "fifth"), (0, "fifth"), (3, "fifth"), (5, "fifth"))
_HEAVY = ((0, "fifth"), (8, "fifth"), (10, "fifth"), (0, "fifth"))

_IN_FOURS: Mapping[str, Arrangement] = {
    "rock": Arrangement(
        tempo=(92, 190),
        danced_as="funk",
        progressions=(_DARK, _HEAVY, ((0, "fifth"), (7, "fifth"), (9, "fifth"), (5, "fifth"))),
        drums=(
            DrumLayer("kick", (0, 8, 10), 0.85, above=0.4),
            DrumLayer("snare", (4, 12), 0.8, above=0.4),
            DrumLayer("rim", (4, 12), 0.6, below=0.4),
            DrumLayer("hat", _EIGHTHS, 0.5, below=0.75),
            DrumLayer("open_hat", _EIGHTHS, 0.4, above=0.75),
        ),
        notes=(
            NoteLayer("distorted", (0, 6, 8), 5, tones=(0, 0, 0), gain=0.4, octave=0, above=0.7),
            NoteLayer("chug", _EIGHTHS, 2, tones=(0,) * 8, gain=0.4, octave=0, above=0.4, below=0.7),
            NoteLayer("bass", _EIGHTHS, 2, tones=(0,) * 8, gain=0.5, octave=-1, above=0.4),
            NoteLayer("guitar", (0, 4, 6, 10, 14), 3, gain=0.25, octave=1, below=0.45),
        ),
    ),
    "metal": Arrangement(
        tempo=(146, 200),
        danced_as="hiphop",
        progressions=(_DARK, ((0, "fifth"), (1, "fifth"), (0, "fifth"), (10, "fifth"))),
        drums=(
            DrumLayer("kick", _EIGHTHS, 0.7, above=0.4),
            DrumLayer("kick", _SIXTEENTHS, 0.4, above=0.8),
            DrumLayer("snare", (4, 12), 0.85),
            DrumLayer("ride", _BEATS, 0.5, above=0.4),
        ),
        notes=(
            NoteLayer("chug", _SIXTEENTHS, 1, tones=(0,) * 16, gain=0.35, octave=0, above=0.6),
            NoteLayer("distorted", (0, 8), 8, tones=(0, 0), gain=0.4, octave=0),
            NoteLayer("bass", _EIGHTHS, 2, tones=(0,) * 8, gain=0.5, octave=-1, above=0.4),
        ),
    ),
    "punk": Arrangement(
        tempo=(150, 200),
        danced_as="house",
        progressions=(_PLAIN, ((0, "fifth"), (5, "fifth"), (7, "fifth"), (5, "fifth"))),
        drums=(
            DrumLayer("kick", (0, 8), 0.8),
            DrumLayer("snare", (4, 12), 0.8, above=0.3),
            DrumLayer("hat", _EIGHTHS, 0.5, below=0.7),
            DrumLayer("ride", _EIGHTHS, 0.45, above=0.7),
        ),
        notes=(
            NoteLayer("distorted", _EIGHTHS, 2, tones=(0,) * 8, gain=0.32, octave=0, above=0.4),
            NoteLayer("bass", _EIGHTHS, 2, tones=(0,) * 8, gain=0.55, octave=-1),
        ),
    ),
    "drum_and_bass": Arrangement(
        tempo=(156, 182),
        danced_as="house",
        progressions=(_SAD, ((0, "minor"), (0, "minor"), (8, "major"), (10, "seventh"))),
        drums=(
            DrumLayer("kick", (0, 10), 0.9, above=0.3),
            DrumLayer("snare", (4, 12), 0.75, above=0.3),
            DrumLayer("snare", (7, 9, 15), 0.25, above=0.6),
            DrumLayer("hat", _EIGHTHS, 0.4),
            DrumLayer("ride", _EIGHTHS, 0.3, above=0.8),
        ),
        notes=(
            NoteLayer("sub", (0, 6, 10), 5, tones=(0, 0, 2), gain=0.7, octave=-2, above=0.4),
            NoteLayer("saw", (0, 3, 6, 10), 2, tones=(0, 0, 4, 2), gain=0.25, octave=-1, above=0.7),
            NoteLayer("pad", (0,), 16, gain=0.17, octave=1),
        ),
    ),
    "trance": Arrangement(
        tempo=(122, 138),
        danced_as="house",
        pump=0.6,
        progressions=(_SAD, ((0, "minor"), (3, "major"), (10, "seventh"), (5, "minor"))),
        drums=(
            DrumLayer("kick", _BEATS, 0.95, above=0.4),
            DrumLayer("clap", (4, 12), 0.5, above=0.6),
            DrumLayer("open_hat", (2, 6, 10, 14), 0.35, above=0.4),
            DrumLayer("shaker", _SIXTEENTHS, 0.35),
        ),
        notes=(
            NoteLayer(
                "saw", _SIXTEENTHS, 1, tones=(0, 1, 2, 3, 4, 3, 2, 1, 0, 2, 4, 6, 4, 3, 2, 1), gain=0.2, octave=1
            ),
            NoteLayer("bass", (2, 6, 10, 14), 1.5, tones=(0, 0, 0, 0), gain=0.6, octave=-1, above=0.4),
            NoteLayer("strings", (0,), 16, gain=0.14, octave=1, above=0.5),
        ),
    ),
    "pop": Arrangement(
        tempo=(84, 136),
        danced_as="funk",
        progressions=(_GLAD, _SAD, _PLAIN),
        drums=(
            DrumLayer("kick", (0, 6, 8), 0.85, above=0.35),
            DrumLayer("snare", (4, 12), 0.6, above=0.4),
            DrumLayer("clap", (4, 12), 0.5, above=0.7),
            DrumLayer("hat", _EIGHTHS, 0.45),
            DrumLayer("tambourine", _EIGHTHS, 0.3, above=0.7),
        ),
        notes=(
            NoteLayer("piano", (0, 4, 8, 12), 4, gain=0.3, octave=1),
            NoteLayer("bass", (0, 6, 8, 14), 3, tones=(0, 0, 0, 2), gain=0.55, octave=-1, above=0.35),
            NoteLayer("strings", (0,), 16, gain=0.13, octave=2, above=0.7),
            NoteLayer("guitar", (0, 3, 6, 10, 12), 2, gain=0.2, octave=1, above=0.5),
        ),
    ),
    "reggae": Arrangement(
        tempo=(64, 96),
        danced_as="latin",
        progressions=(_PLAIN, ((0, "minor"), (5, "minor"), (0, "minor"), (7, "minor"))),
        drums=(
            DrumLayer("kick", (8,), 0.9, above=0.3),
            DrumLayer("rim", (8,), 0.7, above=0.3),
            DrumLayer("kick", (0,), 0.5, below=0.3),
            DrumLayer("hat", _EIGHTHS, 0.45),
            DrumLayer("shaker", _SIXTEENTHS, 0.3, above=0.7),
        ),
        notes=(
            NoteLayer("organ", (4, 12), 1.5, gain=0.22, octave=1),
            NoteLayer("guitar", (4, 12), 1, gain=0.3, octave=1, above=0.5),
            NoteLayer("sub", (0, 3, 6, 8, 11), 3, tones=(0, 0, 2, 0, 2), gain=0.7, octave=-2),
        ),
    ),
    "country": Arrangement(
        tempo=(88, 138),
        danced_as="funk",
        progressions=(_PLAIN, _GLAD),
        drums=(
            DrumLayer("kick", (0, 8), 0.75, above=0.3),
            DrumLayer("brush", (4, 12), 0.7),
            DrumLayer("brush", _SIXTEENTHS, 0.25, above=0.5),
        ),
        notes=(
            NoteLayer("upright", (0, 8), 4, tones=(0, 2), gain=0.6, octave=-1),
            NoteLayer("guitar", (4, 6, 12, 14), 2, gain=0.28, octave=1),
            NoteLayer("guitar", _EIGHTHS, 2, tones=(0, 2, 1, 2, 3, 2, 1, 2), gain=0.25, octave=1, above=0.6),
        ),
    ),
    "chiptune": Arrangement(
        tempo=(100, 190),
        danced_as="house",
        progressions=(_SAD, _GLAD),
        drums=(
            DrumLayer("kick", (0, 8), 0.7, above=0.3),
            DrumLayer("snare", (4, 12), 0.6, above=0.3),
            DrumLayer("hat", _EIGHTHS, 0.5),
        ),
        notes=(
            NoteLayer("square", _EIGHTHS, 2, tones=(0, 0, 2, 0, 0, 2, 0, 1), gain=0.3, octave=-1),
            NoteLayer("square", _SIXTEENTHS, 1, tones=(0, 1, 2) * 5 + (3,), gain=0.16, octave=1, above=0.4),
            NoteLayer("square", (0, 4, 6, 10, 12, 14), 2, tones=(2, 4, 3, 2, 5, 4), gain=0.2, octave=2, above=0.6),
        ),
    ),
    "orchestra": Arrangement(
        tempo=(66, 138),
        danced_as="latin",
        progressions=(_SAD, _PLAIN, ((0, "minor"), (5, "minor"), (7, "seventh"), (0, "minor"))),
        drums=(
            DrumLayer("timpani", (0, 8), 0.8, above=0.6),
            DrumLayer("tambourine", _BEATS, 0.3, above=0.8),
        ),
        notes=(
            NoteLayer("strings", (0, 4, 8, 12), 4, gain=0.2, octave=1),
            NoteLayer("upright", _BEATS, 2, tones=(0, 2, 0, 2), gain=0.6, octave=-1),
            NoteLayer("brass", (0, 6, 8), 3, gain=0.2, octave=1, above=0.6),
            NoteLayer("pluck", _EIGHTHS, 1, tones=(0, 1, 2, 1, 3, 2, 1, 2), gain=0.25, octave=2),
        ),
    ),
    "ambient": Arrangement(
        tempo=(60, 84),
        danced_as="hiphop",
        progressions=(_SAD, ((0, "minor"), (0, "minor"), (8, "major"), (8, "major"))),
        drums=(
            DrumLayer("kick", (0, 8), 0.4),
            DrumLayer("shaker", _EIGHTHS, 0.25, above=0.3),
            DrumLayer("rim", (4, 12), 0.3, above=0.6),
        ),
        notes=(
            NoteLayer("pad", (0,), 16, gain=0.26, octave=1),
            NoteLayer("bell", (0, 4, 8, 12), 6, tones=(0, 2, 4, 2), gain=0.22, octave=2),
            NoteLayer("sub", (0,), 14, tones=(0,), gain=0.5, octave=-2, above=0.4),
        ),
    ),
}

GENRES: Mapping[str, Arrangement] = {**ARRANGEMENTS, **_IN_FOURS, **GENRES_IN_THREES}
"""By name."""
