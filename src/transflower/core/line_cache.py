"""What was found out about files, so that it need not be found out again: a line of JSON for each thing.

Lines are added as things are found, so that a kill costs nothing. Several processes may add to one file. It is never
needed: where it is missing, damaged or cannot be written, things are found out again.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from transflower.core.errors import TransflowerError
from transflower.core.file_stamp import FileStamp, are_settled, read_stamp
from transflower.core.files import is_there, read_text

_LARGEST = 2**30

Stamps = tuple[FileStamp, ...]


class LineCache:
    """Values by key, each of the files that had these stamps."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = dict(_read(path))

    def get(self, key: str, stamps: Stamps) -> Any:
        """The value, which is whatever the file says; None where it is not known of files with these stamps."""
        known, value = self._known.get(key, ((), None))
        return value if stamps and known == stamps else None

    def add(self, key: str, stamps: Stamps, value: Any) -> None:
        """Keep a value that JSON can hold, if the folder allows it."""
        self._known[key] = stamps, value
        line = json.dumps({"key": key, "stamps": stamps, "value": value})
        try:
            self.path.parent.mkdir(exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")  # What a kill has cut off before stays a line of its own.
        except OSError:
            return


def stamps_of(paths: Iterable[Path | str]) -> Stamps:
    """The stamps of files; none where one cannot be told."""
    found = tuple(read_stamp(path) for path in paths)
    return () if None in found else tuple(stamp for stamp in found if stamp is not None)


def settled_stamps_of(paths: Iterable[Path | str]) -> Stamps:
    """The same, and none where a file was written so recently that its stamp may not tell the next writing."""
    stamps = stamps_of(paths)
    return stamps if are_settled(stamps) else ()


def _read(path: Path) -> Iterator[tuple[str, tuple[Stamps, Any]]]:
    """The lines, the later of two about one thing last; what cannot be read is left out."""
    if not is_there(path):
        return
    try:
        lines = read_text(path, limit=_LARGEST).splitlines()
    except TransflowerError:
        return
    for line in lines:
        try:
            found = json.loads(line)
            yield str(found["key"]), (tuple(FileStamp(*stamp) for stamp in found["stamps"]), found["value"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
