"""What dancers dance to beside composed songs: parts of sound files with known beats, and variants of MIDI songs."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recipes.beat_network.grids import has_clear_bars, is_on_grid
from recipes.beat_network.variants import vary
from recipes.midi import MidiSong, Renderer, find_songs, is_held_out, read_grid
from transflower.audio.audio import Audio
from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.errors import DataError
from transflower.synthetic.given_beats import SUFFIX, GivenBeats, read_given_beats
from transflower.synthetic.given_songs import read_sound


class Take(ABC):
    """A song to whose parts one dancer dances."""

    name: str

    @abstractmethod
    def load(self, seconds: float, rng: np.random.Generator) -> tuple[Audio, GivenBeats]:
        """Sound of ``seconds`` or more, and its beats."""


@dataclass(frozen=True, kw_only=True)
class FileTake(Take):
    """A sound file."""

    name: str
    sound: Path
    beats: GivenBeats

    def load(self, seconds: float, rng: np.random.Generator) -> tuple[Audio, GivenBeats]:
        """The whole song."""
        return read_sound(self.sound), self.beats


@dataclass(frozen=True, kw_only=True)
class MidiTake(Take):
    """A MIDI song, rendered at another tempo, in another key, by other instruments."""

    name: str
    song: MidiSong
    renderer: Renderer

    def load(self, seconds: float, rng: np.random.Generator) -> tuple[Audio, GivenBeats]:
        """A part of the song."""
        # At three quarters of the tempo it lasts longer, at 1.35 of it shorter.
        data = vary(self.song.data, rng, seconds=1.4 * seconds)
        grid = read_grid(data)
        bars = grid.is_downbeat if has_clear_bars(self.song.data) else np.zeros(len(grid.beats), bool)
        return read_sound(self.renderer.render(data)), GivenBeats(beats=grid.beats, downbeats=grid.beats[bars])


def file_takes(folder: Path, *, count: int) -> list[Take]:
    """So many of each sound file of a folder, or of those in it, that has its beats beside it.

    Raises:
        DataError: there is none.
    """
    takes: list[Take] = []
    for sound in sorted(folder.rglob("*")):
        path = sound.with_name(sound.stem + SUFFIX)
        if sound.suffix.lower() in SOUND_SUFFIXES and path.exists():
            name = "_".join(sound.relative_to(folder).with_suffix("").parts)
            beats = read_given_beats(path)
            takes += [FileTake(name=f"given_{name}_take{take}", sound=sound, beats=beats) for take in range(count)]
    if not takes:
        raise DataError(f"{folder}: no sound file has its beats beside it, NAME{SUFFIX} for NAME.wav")
    return takes


def midi_takes(path: Path, renderers: Sequence[Renderer], *, count: int) -> list[Take]:
    """So many of each song, rendered in turn; without songs that are held out, or that keep to no grid."""
    songs = [song for song in find_songs(path) if not is_held_out(song) and is_on_grid(song.data)]
    return [
        MidiTake(
            name=f"midi_{path.stem}_{song.name}_take{take}",
            song=song,
            renderer=renderers[(number + take) % len(renderers)],
        )
        for number, song in enumerate(songs)
        for take in range(count)
    ]
