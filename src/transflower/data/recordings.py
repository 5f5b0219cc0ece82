"""The table of recordings: which motion there is, its song, where in the song it starts, and what is known of it.

A CSV file, ``recordings.csv``, with a line a recording. Only the columns id and motion must be there. Paths are
relative to the table, or absolute.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_file, check_name, write_text
from transflower.core.numbers import MOST_FPS, parse_float, shorten
from transflower.core.table import TableRow, read_table, write_table
from transflower.core.table_faults import TableFaults
from transflower.features.extraction.pairs import COLUMNS, parse_offset

TABLE = "recordings.csv"
"""The usual name of the file."""
_WORDS = ("style", "dancer", "text")
"""Columns in which only words count, not the spaces between them."""
_MOST_TEMPO = 1000


@dataclass(frozen=True, kw_only=True)
class RecordingRow:
    """A recording of motion. What is not known is None, or empty."""

    id: str
    """By which its features are called; the only one in the table."""
    motion: Path
    """File of the motion."""
    song: Path | None = None
    """Sound file of the music, or of the speech."""
    offset: float | None = None
    """Second of the song at which the motion that counts starts; negative: the motion starts first."""
    tempo: float | None = None
    """Beats a minute of the song."""
    style: str = ""
    """Kind of dance, or of motion."""
    dancer: str = ""
    """Who moves."""
    text: str = ""
    """What happens, in words."""
    split: str = ""
    """Split in which it is: train, val, test, or any other name."""
    fps: float | None = None
    """True frames a second of the motion, where its file says them wrongly or not at all."""
    partner: str = ""
    """The id of the recording of the other dancer of a couple."""
    start: float | None = None
    """Second of the file at which the motion that counts begins."""
    stop: float | None = None
    """Second of the file at which it ends."""


def read_recordings(table: Path, *, check_files: bool = True) -> list[RecordingRow]:
    """The recordings of a table, in its order.

    Args:
        table: the file.
        check_files: whether the files that it names must be there.

    Raises:
        FormatError: the table cannot be read, or has other columns.
        DataError: listing what is wrong with which lines.
    """
    rest = [column for column in COLUMNS if column not in {"id", "motion"}]
    faults = TableFaults(table)
    rows: dict[str, tuple[int, RecordingRow]] = {}
    for line in faults.readable(read_table(table, needed=("id", "motion"), optional=rest)):
        row = _Reader(table, line, faults, check_files=check_files).read()
        if row.id in rows:
            faults.add(f"id {row.id!r} is there already, in line {rows[row.id][0]}", line.line)
        elif row.id:
            rows[row.id] = line.line, row
    _check_partners(rows, faults)
    faults.refuse("the recordings cannot be used")
    if not rows:
        raise FormatError(table, "names no recording")
    return [row for _, row in rows.values()]


def write_recordings(table: Path, rows: Sequence[RecordingRow]) -> None:
    """Write a table, with the columns that any of ``rows`` fills; paths below its folder are written relative to it.

    A table that holds the same already stays as it is, with the time of its last change.

    Raises:
        DataError: two rows have the same id, or one has no id that can be, or a path that a table cannot hold.
    """
    for row in rows:
        check_name(row.id)
    ids = [row.id for row in rows]
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise DataError(f"{table}: two recordings have the id {twice!r}")
    folder = os.path.normpath(table.parent.absolute()) + os.sep
    cells = [{column: _cell(folder, column, getattr(row, column)) for column in COLUMNS} for row in rows]
    for line in cells:
        for column, cell in line.items():
            if cell != cell.strip() or "\n" in cell or "\r" in cell:
                told = "begins or ends with a space, or holds a line break; rename it"
                raise DataError(f"{table}: the {column} {shorten(cell)!r} {told}")
    used = [column for column in COLUMNS if column in {"id", "motion"} or any(line[column] for line in cells)]
    text = write_table(used, cells)
    if not (table.is_file() and table.read_bytes() == text.encode()):
        write_text(table, text)


def _cell(folder: str, column: str, value: str | float | Path | None) -> str:
    if isinstance(value, Path):
        return os.path.normpath(value.absolute()).removeprefix(folder)
    if isinstance(value, float):
        return f"{value:.10g}"
    text = "" if value is None else str(value)
    return " ".join(text.split()) if column in _WORDS else text


class _Reader:
    """Reads a line of a table; ``faults`` gets all that is wrong with it."""

    def __init__(self, table: Path, line: TableRow, faults: TableFaults, *, check_files: bool) -> None:
        self._table = table
        self._line = line
        self._faults = faults
        self._check_files = check_files

    def read(self) -> RecordingRow:
        """The recording; what cannot be read of it is not known."""
        cells = self._line.cells
        for column in ("id", "motion"):
            if not cells[column]:
                self._fail(f"names no {column}")
        for column in ("id", "split", "partner"):
            self._check_name(column)
        start, stop = self._number("start", _seconds), self._number("stop", _seconds)
        if stop is not None and stop <= (start or 0):
            self._fail(f"stop is {stop:g}, which is not after start, {start or 0:g}")
        return RecordingRow(
            id=cells["id"],
            motion=self._path("motion") or self._table,
            song=self._path("song"),
            offset=self._number("offset", parse_offset),
            tempo=self._number("tempo", lambda text: _positive(text, _MOST_TEMPO)),
            style=cells["style"],
            dancer=cells["dancer"],
            text=cells["text"],
            split=cells["split"],
            fps=self._number("fps", lambda text: _positive(text, MOST_FPS)),
            partner=cells["partner"],
            start=start,
            stop=stop,
        )

    def _check_name(self, column: str) -> None:
        try:
            if self._line.cells[column]:
                check_name(self._line.cells[column], what=column)
        except DataError as error:
            self._fail(str(error))

    def _path(self, column: str) -> Path | None:
        text = self._line.cells[column]
        if not text:
            return None
        # Not resolved: a link stays where the user put it.
        path = Path(os.path.normpath(self._table.parent / text))
        if self._check_files:
            try:
                check_file(path)
            except FormatError as error:
                self._fail(f"{column} {error}")
        return path

    def _number(self, column: str, parse: Callable[[str], float]) -> float | None:
        text = self._line.cells[column]
        try:
            return parse(text) if text else None
        except ValueError as error:
            self._fail(f"{column} {error}")
            return None

    def _fail(self, message: str) -> None:
        self._faults.add(message, self._line.line)


def _positive(text: str, most: int) -> float:
    number = parse_float(text)
    if not 0 < number <= most:
        raise ValueError(f"is {number:g}; it must be above 0 and at most {most}")
    return number


def _seconds(text: str) -> float:
    seconds = parse_offset(text)
    if seconds < 0:
        raise ValueError(f"is {seconds:g}; it must be 0 or above")
    return seconds


def _check_partners(rows: Mapping[str, tuple[int, RecordingRow]], faults: TableFaults) -> None:
    for line, row in rows.values():
        if row.partner == row.id:
            faults.add(f"{row.id!r} is its own partner", line)
        elif row.partner and row.partner not in rows:
            faults.add(f"partner {row.partner!r} is no id of the table", line)
