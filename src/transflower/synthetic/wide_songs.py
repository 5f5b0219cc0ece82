"""Songs of many genres, tempi and meters, for dancers that are to dance to any music.

A dancer dances fast music at half its tempo: such a song is counted in the beats that are danced, and its arrangement
plays twice as fast. Shape letters: K beats.
"""

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.features.audio.dance_hand import HALVED_ABOVE
from transflower.synthetic.arrangement import Arrangement
from transflower.synthetic.beat_grid import WarpedGrid
from transflower.synthetic.curves import PHRASE_BEATS, Number
from transflower.synthetic.genres import GENRES
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.player import Player
from transflower.synthetic.score import draw_score_with_breaks
from transflower.synthetic.songs import Song
from transflower.synthetic.tempo_curve import draw_beats
from transflower.synthetic.variation import draw_band, vary

_UNCERTAIN = (135.0, 146.0)
"""No song has a tempo between: whether it is danced at half of it would be chance."""
_FIRST_SECONDS = (0.2, 1.5)
_IN_FOURS = 4
_STRETCH = 1.08
"""By how much slower or faster than usual a genre may be played to given beats."""


def make_wide_song(seed: int, seconds: Number, *, genre: str | None = None) -> Song:
    """Compose and play the song of a seed; the genre, one of ``GENRES``, is drawn unless it is given.

    Raises:
        DataError: too short for a phrase.
    """
    rng = generator(seed, "wide song")
    drawn = str(rng.choice(list(GENRES)))
    genre = genre or drawn
    arrangement = vary(GENRES[genre], rng)
    music_tempo = _draw_tempo(arrangement, rng)
    halving = 2 if music_tempo > HALVED_ABOVE else 1
    limits = (_UNCERTAIN[1] / 2, 110.0) if halving == 2 else (58.0, _UNCERTAIN[0])
    first = float(rng.uniform(*_FIRST_SECONDS))
    times = draw_beats(music_tempo / halving, limits=limits, first=first, seconds=float(seconds), rng=rng)
    return _play(genre, arrangement, times, halving, seconds, rng)


def compose_to_beats(times: Float[np.ndarray, "K"], seconds: Number, rng: np.random.Generator) -> Song:
    """A song whose beats that are danced are at ``times``, of a genre that suits their tempo and is drawn.

    The first of them is a downbeat. They go on beyond ``seconds``.

    Raises:
        DataError: no genre is so slow or so fast, or the song is too short for a phrase.
    """
    tempo = 60 / float(np.diff(times).mean())
    suiting = [
        (name, halving)
        for name, arrangement in GENRES.items()
        for halving in (1, 2)
        if _suits(arrangement, tempo * halving) and (halving == 2) == (tempo * halving > HALVED_ABOVE)
    ]
    if not suiting:
        raise DataError(f"no song is danced at {tempo:.0f} beats a minute")
    genre, halving = suiting[int(rng.integers(len(suiting)))]
    return _play(genre, vary(GENRES[genre], rng), times, halving, seconds, rng)


def _suits(arrangement: Arrangement, tempo: float) -> bool:
    """Whether it can be played so fast, in bars of four beats."""
    slowest, fastest = arrangement.tempo
    return arrangement.beats == _IN_FOURS and slowest / _STRETCH <= tempo <= fastest * _STRETCH


def _play(
    genre: str,
    arrangement: Arrangement,
    times: Float[np.ndarray, "_"],
    halving: int,
    seconds: Number,
    rng: np.random.Generator,
) -> Song:
    """The song with danced beats at ``times``, whose arrangement plays ``halving`` times as fast."""
    beats = times[times < seconds - 1e-6]
    if len(beats) <= PHRASE_BEATS:
        raise DataError(f"a song of {seconds:g} s is too short for one phrase; ask for at least 11 s")
    beats_per_bar = arrangement.beats // halving
    # Phrases and bars begin together at the start of each section.
    unit = int(np.lcm(beats_per_bar, PHRASE_BEATS)) // PHRASE_BEATS
    score = draw_score_with_breaks(-(-len(beats) // PHRASE_BEATS), rng, unit=unit)
    player = Player(
        arrangement,
        WarpedGrid(times),
        num_beats=len(beats),
        beats_per_bar=beats_per_bar,
        seconds=seconds,
        rng=rng,
        band=draw_band(rng),
    )
    samples = player.play(score)
    music_beats = _between(beats, times, halving)
    return Song(
        audio=Audio(samples[:, None], SAMPLE_RATE),
        style=arrangement.danced_as or genre,
        tempo=60 / float(np.diff(beats).mean()),
        beats=beats,
        sections=score.sections,
        energies=score.energies,
        genre=genre,
        music_beats=music_beats[music_beats < seconds],
        downbeats=beats[::beats_per_bar],
    )


def _draw_tempo(arrangement: Arrangement, rng: np.random.Generator) -> float:
    """Beats of the music per minute."""
    while True:
        tempo = float(rng.uniform(*arrangement.tempo))
        if not _UNCERTAIN[0] < tempo < _UNCERTAIN[1]:
            return tempo


def _between(beats: Float[np.ndarray, "K"], times: Float[np.ndarray, "_"], parts: int) -> Float[np.ndarray, "_"]:
    """The beats, and the moments that divide the time to the next one into ``parts``."""
    numbers = np.arange(parts * len(beats)) / parts
    return np.interp(numbers, np.arange(len(times)), times)
