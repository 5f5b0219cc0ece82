"""What is wrong with the lines of a table, collected so that all of it is told at once."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.listing import listing
from transflower.core.table import TableRow

_MOST_LINES = 10
"""Lines of which all faults are told."""


class TableFaults:
    """The faults of a table, each once."""

    def __init__(self, table: Path) -> None:
        self._table = table
        self._by_line: dict[int, list[str]] = {}
        self._told: set[str] = set()

    def readable(self, lines: Iterable[TableRow | FormatError]) -> Iterator[TableRow]:
        """The lines that can be read; what is wrong with others is noted."""
        for line in lines:
            if isinstance(line, FormatError):
                self._note(line, line.line or 0)
            else:
                yield line

    def add(self, message: str, line: int) -> None:
        """Note a fault of a line."""
        self._note(FormatError(self._table, message, line=line), line)

    @contextmanager
    def noted(self, line: int) -> Iterator[None]:
        """Errors that are raised within are noted as faults of a line."""
        try:
            yield
        except FormatError as error:
            self._note(error, line)
        except TransflowerError as error:
            self.add(str(error), line)

    def refuse(self, head: str) -> None:
        """Tell all faults of the first lines that have any, and how many more lines have some.

        Raises:
            DataError: there is a fault; it begins with ``head``.
        """
        lines = sorted(self._by_line)
        faults = [fault for line in lines[:_MOST_LINES] for fault in self._by_line[line]]
        if len(lines) > _MOST_LINES:
            faults.append(f"and {len(lines) - _MOST_LINES} more lines with faults")
        if faults:
            raise DataError(listing(head, faults))

    def _note(self, error: FormatError, line: int) -> None:
        # Another file may be at fault for many lines.
        if str(error) not in self._told:
            self._told.add(str(error))
            self._by_line.setdefault(line, []).append(str(error))
