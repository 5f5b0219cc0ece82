"""Songs whose beats are known: real ones with a grid beside them, MIDI that is rendered, and synthetic ones.

Shape letters: K beats.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float

from recipes.midi import Renderer, find_songs, is_held_out
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.core.errors import DataError, FormatError
from transflower.core.files import read_json
from transflower.core.seeds import derive_seed
from transflower.synthetic.songs import Song, make_song
from transflower.synthetic.wide_songs import make_wide_song

SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".opus")


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownSong:
    """A song with the moments of its beats."""

    kind: str
    """What it is counted with."""
    name: str
    """Of its file, or its number."""
    beats: Float[np.ndarray, "K"]
    """Seconds, ascending."""
    half_beats: bool = False
    """Whether its beats may be half a beat off in places: it is compared by half beats."""
    open: Callable[[], Audio]
    """Reads, renders or plays it."""


def songs_with_grids(folder: Path, *, half_beats: Iterable[str], seconds: float) -> list[KnownSong]:
    """Sounds of a folder with ``NAME.json`` beside them: a list of seconds, or an object with one under ``beats``.

    Raises:
        DataError: there is none.
        FormatError: a grid is none.
    """
    by_half = set(half_beats)
    sounds = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SOUNDS]
    found = [path for path in sounds if path.with_suffix(".json").is_file()]
    if not found:
        raise DataError(f"{folder}: there is no sound with a grid of its beats, NAME.json, beside it")
    songs = []
    for path in found:
        beats, doubtful = _read_grid(path.with_suffix(".json"))
        songs.append(
            KnownSong(
                kind="real",
                name=path.stem,
                beats=beats,
                half_beats=doubtful or path.stem in by_half,
                open=partial(_beginning, path, seconds),
            )
        )
    return songs


def midi_songs(paths: Iterable[Path], renderer: Renderer, *, seconds: float) -> list[KnownSong]:
    """MIDI songs of folders and WADs, with the name of the folder as their kind; of Freedoom those held out."""
    songs = []
    for path in paths:
        found = find_songs(path)
        # Songs that a network has learnt from say nothing about it.
        found = [song for song in found if is_held_out(song)] or found
        songs += [
            KnownSong(
                kind=path.stem.rstrip("0123456789"),
                name=song.name,
                beats=song.grid.beats,
                open=partial(_rendered, renderer, song.data, seconds),
            )
            for song in found
        ]
    return songs


def synthetic_songs(count: int, *, seconds: float, seed: int) -> list[KnownSong]:
    """Songs of the four styles, and as many of all genres."""
    makers: dict[str, Callable[[int, float], Song]] = {"synthetic": make_song, "wide": make_wide_song}
    return [
        _composed(kind, index, partial(make, derive_seed(seed, "benchmark song", index), seconds))
        for kind, make in makers.items()
        for index in range(count)
    ]


def spread(songs: Iterable[KnownSong], count: int | None) -> list[KnownSong]:
    """So many of each kind, evenly spread over its songs; all by default."""
    kinds: dict[str, list[KnownSong]] = {}
    for song in songs:
        kinds.setdefault(song.kind, []).append(song)
    return [
        some[place * len(some) // number]
        for some in kinds.values()
        for number in [min(count or len(some), len(some))]
        for place in range(number)
    ]


def _beginning(path: Path, seconds: float) -> Audio:
    sound = read_audio(path)
    return Audio(sound.samples[: round(seconds * sound.sample_rate)], sound.sample_rate)


def _rendered(renderer: Renderer, data: bytes, seconds: float) -> Audio:
    return _beginning(renderer.render(data), seconds)


def _composed(kind: str, index: int, compose: Callable[[], Song]) -> KnownSong:
    """A song that is played again when it is opened, which takes less memory than to keep it."""
    song = compose()
    bpm = 60 / float(np.median(np.diff(song.music_beats)))
    return KnownSong(
        kind=kind,
        name=f"{index:03d} {song.genre or song.style} {bpm:.0f}",
        beats=song.music_beats,
        open=lambda: compose().audio,
    )


def _read_grid(path: Path) -> tuple[Float[np.ndarray, "K"], bool]:
    """Beats, and whether they may be half a beat off."""
    tree = read_json(path)
    beats = tree.get("beats") if isinstance(tree, dict) else tree
    if not isinstance(beats, list) or not all(isinstance(beat, int | float) for beat in beats):
        raise FormatError(path, "must hold a list of the beats in seconds, or an object with one under 'beats'")
    moments = np.array(beats, float)
    if len(moments) < 2 or not (np.diff(moments) > 0).all():
        raise FormatError(path, "must hold two beats at least, in ascending seconds")
    return moments, isinstance(tree, dict) and bool(tree.get("half_beats", False))
