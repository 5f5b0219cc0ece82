"""MIDI songs of a folder, of a file, or of a WAD: the archive of Doom and of Freedoom.

Which of Freedoom's songs are held out is said here, so that nothing that is trained is tested on them.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recipes.midi.grid import Grid, read_grid
from transflower.core.errors import DataError, FormatError

HELD_OUT = frozenset(
    {"D_BETWEE", "D_BUNNY", "D_DDTBLU", "D_E1M2", "D_E2M4", "D_E3M8", "D_INTER", "D_MESSG2", "D_TENSE"}
)
"""Lumps of Freedoom that are for tests alone: the nine of at least 30 seconds whose SHA-1 is smallest."""

_SUFFIXES = {".mid", ".midi"}
_LUMP = struct.Struct("<ii8s")
_MUSIC = "D_"


@dataclass(frozen=True, kw_only=True, eq=False)
class MidiSong:
    """A MIDI file."""

    name: str
    """Of its file or lump."""
    data: bytes
    """The file."""
    grid: Grid
    """Its beats."""


def is_held_out(song: MidiSong) -> bool:
    """Whether a song of Freedoom is for tests alone."""
    return song.name in HELD_OUT


def find_songs(path: Path) -> list[MidiSong]:
    """The songs of a folder, each file once; of a WAD, or of a single MIDI file.

    Raises:
        DataError: there is none, or one is damaged.
    """
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    songs, known = [], set()
    for file in files:
        for name, data in _files(file):
            if data not in known:
                known.add(data)
                songs.append(_song(file, name, data))
    if not songs:
        raise DataError(f"{path}: there is no MIDI file and no WAD with music")
    return songs


def _files(file: Path) -> Iterable[tuple[str, bytes]]:
    if file.suffix.lower() in _SUFFIXES:
        return [(file.stem, file.read_bytes())]
    return _lumps(file) if file.suffix.lower() == ".wad" else []


def _song(file: Path, name: str, data: bytes) -> MidiSong:
    try:
        return MidiSong(name=name, data=data, grid=read_grid(data))
    except DataError as error:
        raise FormatError(file, f"{name}: {error}") from error


def _lumps(file: Path) -> Iterator[tuple[str, bytes]]:
    """The music of a WAD that is MIDI."""
    data = file.read_bytes()
    if data[:4] not in (b"IWAD", b"PWAD"):
        raise FormatError(file, "is no WAD")
    count, directory = struct.unpack("<ii", data[4:12])
    for entry in range(count):
        start, size, name = _LUMP.unpack_from(data, directory + entry * _LUMP.size)
        title = name.rstrip(b"\0").decode("ascii", "replace")
        if title.startswith(_MUSIC) and data[start : start + 4] == b"MThd":
            yield title, data[start : start + size]
