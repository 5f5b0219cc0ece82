"""Songs with known beats: those of a folder, and rendered MIDI; and dances to parts of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from recipes.midi import Renderer, find_songs, is_held_out
from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.core.workers import map_parallel
from transflower.synthetic.curves import Number
from transflower.synthetic.given_beats import SUFFIX, GivenBeats, read_given_beats
from transflower.synthetic.given_songs import draw_excerpt, read_sound
from transflower.synthetic.recording import record_widely, write_recording

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GivenSong:
    """A sound file and its beats."""

    name: str
    sound: Path
    beats: GivenBeats


def find_given(folder: Path) -> list[GivenSong]:
    """Sound files of a folder and of those in it that have beats beside them.

    Raises:
        DataError: there is none.
    """
    songs = []
    for sound in sorted(folder.rglob("*")):
        beats = sound.with_name(sound.stem + SUFFIX)
        if sound.suffix.lower() in SOUND_SUFFIXES and beats.exists():
            name = "_".join(sound.relative_to(folder).with_suffix("").parts)
            songs.append(GivenSong(name=f"given_{name}", sound=sound, beats=read_given_beats(beats)))
    if not songs:
        raise DataError(f"{folder}: no sound file has its beats beside it, NAME{SUFFIX} for NAME.wav")
    return songs


def render_midi(paths: Sequence[Path], soundfonts: Sequence[Path], folder: Path) -> list[GivenSong]:
    """Sounds of MIDI songs, each by one of the soundfonts in turn; songs that are held out are left out."""
    renderers = [Renderer(soundfont, folder) for soundfont in soundfonts]
    songs: list[GivenSong] = []
    for midi in (song for path in paths for song in find_songs(path) if not is_held_out(song)):
        if len(midi.grid.beats) < 2:
            continue
        beats = GivenBeats(beats=midi.grid.beats, downbeats=midi.grid.beats[midi.grid.is_downbeat])
        sound = renderers[len(songs) % len(renderers)].render(midi.data)
        songs.append(GivenSong(name=f"midi_{len(songs):03d}_{midi.name}", sound=sound, beats=beats))
    return songs


def write_given(
    folder: Path,
    songs: Sequence[GivenSong],
    *,
    excerpts: int,
    seconds: Number,
    seed: int,
    jobs: int,
    noisy_share: float,
) -> list[str]:
    """Write so many recordings of each song into ``folder``, as ``write_recordings`` does; return their ids.

    A song too short for a dance is left out.
    """
    write = partial(_write_song, folder, excerpts=excerpts, seconds=seconds, seed=seed, noisy_share=noisy_share)
    return [name for names in map_parallel(write, songs, jobs=jobs) for name in names]


def _write_song(
    folder: Path, song: GivenSong, *, excerpts: int, seconds: Number, seed: int, noisy_share: float
) -> list[str]:
    sound, names = read_sound(song.sound), []
    for number in range(excerpts):
        name = f"{song.name}_take{number}"
        try:
            excerpt = draw_excerpt(sound, song.beats, seconds, generator(seed, "excerpt", name))
        except DataError as error:
            log.warning("%s is left out: %s", name, error)
            continue
        write_recording(folder, name, record_widely(excerpt, seed, name, noisy_share=noisy_share))
        names.append(name)
    return names
