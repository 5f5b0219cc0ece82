"""Tables of text: cells between commas, semicolons or tabs, below a line with the names of their columns."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from transflower.core.errors import FormatError
from transflower.core.files import read_text
from transflower.core.numbers import shorten

_LARGEST_TABLE = 64 * 2**20


@dataclass(frozen=True)
class TableRow:
    """A line of a table."""

    line: int
    cells: Mapping[str, str]
    """Column -> what stands there, without the spaces around it; empty in columns that the table lacks."""


def read_table(
    table: Path,
    *,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    others: bool = False,
) -> Iterator[TableRow | FormatError]:
    """The lines of a table that are not empty; or what is wrong with each.

    Args:
        table: the file.
        needed: columns that must be there, in lower case.
        optional: columns that may be there.
        aliases: other names of columns -> their names.
        others: whether there may be more columns, which are left out.

    Raises:
        FormatError: the file cannot be read, or has other columns.
    """
    text = read_text(table, limit=_LARGEST_TABLE, encoding="utf-8-sig")
    head = text.partition("\n")[0]
    # Cells between quotes may hold line breaks, and any cell what other alphabets have for them.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        given = [column.strip().lower() for column in next(reader, [])]
    except csv.Error as error:
        raise FormatError(table, f"is no table ({error})", line=1) from error
    columns = [(aliases or {}).get(column, column) for column in given]
    if fault := _header_fault(columns, needed, optional, others=others):
        raise FormatError(table, f"must begin with the names of its columns: {fault}", line=1)
    wanted = [*needed, *optional]
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield FormatError(table, f"is not to be read ({error})", line=reader.line_num)
            continue
        if any(cell.strip() for cell in cells):
            yield _row(table, reader.line_num, columns, cells, wanted)


def write_table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """A table as text, which ``read_table`` reads; cells that a row lacks are empty."""
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    return "".join(",".join(map(_quoted, cells)) + "\n" for cells in lines)


def _header_fault(
    columns: Sequence[str], needed: Sequence[str], optional: Sequence[str], *, others: bool
) -> str | None:
    known = [*needed, *optional]
    unknown = [column for column in columns if column not in known]
    if missing := [column for column in needed if column not in columns]:
        return f"{missing[0]!r} is missing, there are {shorten(','.join(columns), length=80)!r}"
    if unknown and not others:
        near = get_close_matches(unknown[0], known, n=1)
        told = f"did you mean {near[0]!r}?" if near else f"there may be {', '.join(known)}"
        return f"there is no column {shorten(unknown[0])!r} ({told})"
    if twice := [column for column in known if columns.count(column) > 1]:
        return f"{twice[0]!r} is there twice"
    return None


def _row(
    table: Path, line: int, columns: Sequence[str], cells: Sequence[str], wanted: Sequence[str]
) -> TableRow | FormatError:
    if len(cells) != len(columns):
        return FormatError(table, f"has {len(cells)} cells, the header has {len(columns)}", line=line)
    found = {column: cell.strip() for column, cell in zip(columns, cells, strict=True) if column in wanted}
    return TableRow(line, dict.fromkeys(wanted, "") | found)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',;\t"\n\r') else cell
