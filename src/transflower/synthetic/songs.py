"""Synthetic songs: tempo, style, energy and structure vary from seed to seed.

Music is counted in phrases of eight beats (two bars); each belongs to a section and has an energy from 0 to 1, which
decides what plays and how loudly. Shape letters: K beats that are danced, B beats of the music, D downbeats.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.synthetic.arrangement import ARRANGEMENTS
from transflower.synthetic.beat_grid import RegularGrid
from transflower.synthetic.curves import PHRASE_BEATS, Number
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.player import Player
from transflower.synthetic.score import draw_score

STYLES = tuple(ARRANGEMENTS)
"""Names of the musical styles."""

_BEATS_PER_BAR = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Song:
    """A song and everything there is to know about it."""

    audio: Audio
    style: str
    """Of the motion that goes with it, too."""
    tempo: float
    """Beats per minute: of the beats that are danced, on average."""
    beats: Float[np.ndarray, "K"]
    """Seconds of every beat that is danced; the first is a downbeat."""
    sections: tuple[str, ...]
    """Of each phrase of eight beats; the last one may be cut short by the end of the song."""
    energies: tuple[float, ...]
    """Of each phrase, 0 to 1."""
    genre: str
    """The kind of music; of the songs of ``make_song`` the style itself."""
    music_beats: Float[np.ndarray, "B"]
    """Seconds of every beat of the music. A dancer takes every second one where the music is fast."""
    downbeats: Float[np.ndarray, "D"]
    """Seconds of the first beat of every bar."""

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.audio.seconds


def make_song(seed: int, seconds: Number, *, style: str | None = None) -> Song:
    """Compose and play the song of a seed; the style is drawn unless it is given.

    Raises:
        DataError: too short for a phrase.
    """
    rng = generator(seed, "song")
    drawn = str(rng.choice(STYLES))
    style = style or drawn
    arrangement = ARRANGEMENTS[style]
    tempo = float(rng.uniform(*arrangement.tempo))
    beat = 60 / tempo
    first = float(rng.uniform(0.4, 0.8))
    if seconds < first + PHRASE_BEATS * beat:
        raise DataError(f"a song of {seconds:g} s is too short for one phrase; ask for at least 7 s")
    beats = first + beat * np.arange(int(np.ceil((seconds - first) / beat - 1e-6)))
    score = draw_score(-(-len(beats) // PHRASE_BEATS), rng)
    grid = RegularGrid(first, beat)
    player = Player(arrangement, grid, num_beats=len(beats), beats_per_bar=_BEATS_PER_BAR, seconds=seconds, rng=rng)
    samples = player.play(score)
    return Song(
        audio=Audio(samples[:, None], SAMPLE_RATE),
        style=style,
        tempo=tempo,
        beats=beats,
        sections=score.sections,
        energies=score.energies,
        genre=style,
        music_beats=beats,
        downbeats=beats[::_BEATS_PER_BAR],
    )
