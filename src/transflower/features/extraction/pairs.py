"""Which dance goes with which song, and where in the song it starts: a table with the columns id, song, offset."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.array_file import read_header
from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_name, read_json
from transflower.core.numbers import parse_float
from transflower.core.table import TableRow, read_table
from transflower.core.table_faults import TableFaults
from transflower.features.extraction.sources import SEPARATOR, Excerpt, Source

COLUMNS = (
    "id",
    "motion",
    "song",
    "offset",
    "tempo",
    "style",
    "dancer",
    "text",
    "split",
    "fps",
    "partner",
    "start",
    "stop",
)
"""Of a table of recordings (``data.recordings``), which is a table of pairs too."""
_ALIASES = {"dance": "id"}
_MOST_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Pair:
    """A line of the table."""

    line: int
    dance: str
    song: str
    offset: float
    """Second of the song at which the dance starts; negative: the dance starts first."""


def pair_up(sources: Sequence[Source], table: Path, *, out: Path, name: str, fps: float) -> list[Source]:
    """The sounds to extract: for each dance of the table its part of a song, and all songs of which no line speaks.

    A dance is as long as its motion features in ``out``, which must be there.

    Raises:
        DataError: listing all lines that cannot be followed.
    """
    dances = _Dances(out, name, fps)
    songs = _Songs(table.parent, sources)
    made: dict[str, Source] = {}
    used: set[Path] = set()
    faults = TableFaults(table)
    lines: dict[str, int] = {}
    for pair in read_pairs(table, faults):
        song = dance = None
        with faults.noted(pair.line):
            song = songs.find(pair)
        with faults.noted(pair.line):
            dance = dances.find(pair)
            if (earlier := lines.setdefault(dance, pair.line)) != pair.line:
                raise DataError(f"dance {dance!r} has a song already, in line {earlier}")
        if song is not None and dance is not None:
            used.add(song.path)
            excerpt = Excerpt(offset=pair.offset, rows=dances.rows[dance])
            made[dance] = Source(dance, song.path, excerpt, (table, dances.paths[dance], *song.needs), song.beats)
    faults.refuse("nothing was extracted")
    others = [source for source in sources if source.path not in used and source.sequence_id not in made]
    return sorted([*made.values(), *others], key=lambda source: source.sequence_id)


def read_pairs(table: Path, faults: TableFaults) -> Iterator[Pair]:
    """The dances with a song of a table of recordings, whose column id may be called dance; ``faults`` gets the others.

    Raises:
        FormatError: the file cannot be read, or has no such columns.
    """
    rest = [column for column in COLUMNS if column not in {"id", "song"}]
    for row in faults.readable(read_table(table, needed=("id", "song"), optional=rest, aliases=_ALIASES)):
        if (row.cells["song"] or not row.cells["motion"]) and (pair := _pair(row, faults)):
            yield pair


def parse_offset(text: str) -> float:
    """Seconds.

    Raises:
        ValueError: it is none, or more than a day.
    """
    offset = parse_float(text)
    if abs(offset) > _MOST_SECONDS:
        raise ValueError(f"{offset:g} is more than a day")
    return offset


def as_id(text: str, suffixes: Sequence[str] = ()) -> str:
    """The id of a recording of which somebody wrote the path, with or without one of ``suffixes``."""
    joined = SEPARATOR.join(part for part in re.split(r"[/\\]", text) if part not in {"", "."})
    suffix = Path(joined).suffix
    return joined.removesuffix(suffix) if suffix.lower() in suffixes else joined


def _pair(row: TableRow, faults: TableFaults) -> Pair | None:
    empty = [column for column in ("id", "song") if not row.cells[column]]
    for column in empty:
        faults.add(f"names no {column}", row.line)
    try:
        offset = parse_offset(row.cells["offset"] or "0")
    except ValueError as error:
        faults.add(f"offset {error}; write seconds, such as 1.5", row.line)
        offset = 0.0  # What else is wrong with the line is told too.
    return None if empty else Pair(row.line, row.cells["id"], row.cells["song"], offset)


class _Songs:
    """The sounds that are given, by their ids and by the ends of their paths."""

    def __init__(self, folder: Path, sources: Sequence[Source]) -> None:
        self._folder, self._sources = folder, sources
        self._by_id = {source.sequence_id: source for source in sources}
        self._by_path = {_whole(source.path): source for source in sources}
        self._by_end: dict[tuple[str, ...], list[Source]] = {}
        for source in sources:
            for path in (source.path, source.path.with_suffix("")):
                for start in range(len(path.parts)):
                    self._by_end.setdefault(path.parts[start:], []).append(source)

    def find(self, pair: Pair) -> Source:
        """The song of a line.

        Raises:
            DataError: there is none, or there are several.
        """
        if (beside := self._by_path.get(_whole(self._folder / pair.song))) is not None:
            return beside
        found = self._by_end.get(Path(pair.song).parts, [])
        if (source := self._by_id.get(as_id(pair.song))) is not None:
            found = [source]
        if len(found) == 1:
            return found[0]
        some = found or self._sources
        several = f"may be {len(found)}" if found else f"is none of the {len(some)} that are given"
        told = ", ".join(source.sequence_id for source in some[:3])
        raise DataError(f"song {pair.song!r} {several}: {told}")


def _whole(path: Path) -> str:
    """The path from the root on; nothing is looked up, because it may be any text."""
    return os.path.normpath(path.absolute())


class _Dances:
    """The motion features in a folder: which there are, and how long."""

    def __init__(self, out: Path, name: str, fps: float) -> None:
        self._out = out
        self._fps = fps
        self._features = [path.stem for path in sorted(out.glob("*.json")) if path.stem != name]
        self.rows: dict[str, int] = {}
        self.paths: dict[str, Path] = {}

    def find(self, pair: Pair) -> str:
        """The id of the dance of a line.

        Raises:
            DataError: its motion is not there.
            FormatError: its motion has another frame rate.
        """
        for dance in (as_id(pair.dance), as_id(pair.dance, (".bvh",))):
            for feature in self._features:
                path = self._out / f"{check_name(dance)}.{feature}.npy"
                if path.exists() and len(shape := read_header(path).shape) == 2:
                    self._check_rate(self._out / f"{feature}.json")
                    self.rows[dance], self.paths[dance] = shape[0], path
                    return dance
        raise DataError(
            f"there is no motion of dance {pair.dance!r} in {self._out}, which tells its length; "
            "`transflower extract motion` makes it"
        )

    def _check_rate(self, sidecar: Path) -> None:
        found = read_json(sidecar)
        fps = found.get("fps") if isinstance(found, dict) else None
        if fps != self._fps:
            raise FormatError(sidecar, f"holds {fps} frames per second, not {self._fps:g}; add --fps {fps}")
