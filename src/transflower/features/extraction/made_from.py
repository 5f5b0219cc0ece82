"""What arrays were made from: a line for each recording, kept in a hidden folder beside the arrays.

So a recording that was only copied or touched is not extracted again, and one that was replaced by an older one is.
Where nothing is kept, the times of the files decide.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from transflower.core.file_stamp import FileStamp
from transflower.core.files import CACHE_FOLDER, check_file
from transflower.core.line_cache import LineCache, Stamps, settled_stamps_of, stamps_of
from transflower.features.extraction.sources import Source

Result = TypeVar("Result")

_MOST_THREADS = 8
_NOT_ABOUT = ("sequence_id", "path", "needs", "beats", "partner")
"""Fields of a source that its files stand for, or that are looked at by themselves."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the arrays of a recording were made from."""

    digest: str
    """Of the files, and of which part of them counts; empty where it is not known."""
    files: Stamps
    """Of those files; none where they were written so recently that their times do not tell."""
    reading: str = ""
    """Digest of the options by which they were read; empty where these are not known."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Digests of the tables of bones that there were, by their names."""


@dataclass(frozen=True)
class WithOrigin(Generic[Result]):
    """A function of a recording, which also tells what it was given."""

    function: Callable[[Source], Result]

    def __call__(self, source: Source) -> tuple[Origin, Result]:
        """Its result, and what it was made from: as it was before, if it has not changed meanwhile."""
        settled, before = settled_stamps_of(_files(source)), stamps_of(_files(source))
        digest = _digest(source)
        result = self.function(source)
        is_same = before == stamps_of(_files(source))
        return Origin(digest=digest if is_same else "", files=settled), result


class Origins:
    """The origins of the arrays of one feature."""

    def __init__(self, out: Path, feature: str, *, reading: str = "", tables: Path | None = None) -> None:
        """``tables`` is the folder of tables of bones."""
        self._reading = reading
        self._tables = {} if tables is None else {path.name: _content(path) for path in sorted(tables.glob("*.txt"))}
        self._cache = LineCache(out / CACHE_FOLDER / f"{feature}.origins.jsonl")

    def are_current(self, sources: Sequence[Source], arrays: Sequence[Sequence[Path]]) -> list[bool | None]:
        """Of each recording, whether its arrays, which exist, were made from it; None where that is not known."""
        with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
            return list(pool.map(self._is_current, sources, arrays))

    def add(self, source: Source, origin: Origin, arrays: Iterable[Path]) -> None:
        """Keep what arrays were made from, and how, if the folder allows it."""
        self._keep(source, replace(origin, reading=self._reading, tables=self._tables), arrays)

    def _keep(self, source: Source, origin: Origin, arrays: Iterable[Path]) -> None:
        self._cache.add(source.sequence_id, stamps_of(arrays), asdict(origin))

    def _is_current(self, source: Source, arrays: Sequence[Path]) -> bool | None:
        known = self._known(source.sequence_id, arrays)
        if known is None or not known.digest:
            return None
        if known.reading and known.reading != self._reading:
            return False
        if not self._has_same_tables(known.tables):
            return False
        settled, stamps = settled_stamps_of(_files(source)), stamps_of(_files(source))
        if stamps and known.files == stamps and known.digest.startswith(_about(source)):
            return True
        if known.digest != _digest(source):
            return False
        self._keep(source, replace(known, files=settled), arrays)
        return True

    def _has_same_tables(self, known: Mapping[str, str]) -> bool:
        """Whether none has changed. Those that came later are of other skeletons, unless there was none."""
        is_first = not known and bool(self._tables)
        return not is_first and all(self._tables.get(name) == content for name, content in known.items())

    def _known(self, sequence_id: str, arrays: Iterable[Path]) -> Origin | None:
        value = self._cache.get(sequence_id, stamps_of(arrays))
        try:
            files = tuple(FileStamp(*stamp) for stamp in value["files"])
            tables = {str(name): str(content) for name, content in value.get("tables", {}).items()}
            reading = str(value.get("reading", ""))
            return Origin(digest=str(value["digest"]), files=files, reading=reading, tables=tables)
        except (TypeError, KeyError, AttributeError):  # None, or something else that somebody has written.
            return None


def digest_of(options: Mapping[str, object]) -> str:
    """A short text that is another one for other options."""
    return hashlib.blake2b(json.dumps(options, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()


def _files(source: Source) -> list[Path]:
    """What decides on its features. Of a table that names it, only what it says of it counts."""
    others = [] if source.partner is None else _files(source.partner)
    return [source.path, *([source.beats] if source.beats else []), *others]


def _about(source: Source) -> str:
    """Digest of which part of its files counts, and how they are read."""
    about = {name: value for name, value in asdict(source).items() if name not in _NOT_ABOUT}
    own = digest_of(about)
    return own if source.partner is None else f"{own}-{_about(source.partner)}"


def _digest(source: Source) -> str:
    """Of what its features are made of; empty where a file cannot be read."""
    found = [_about(source)]
    try:
        found += map(_content, _files(source))
    except OSError:
        return ""
    return "-".join(found)


def _content(path: Path) -> str:
    """Digest of a file."""
    check_file(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16)).hexdigest()
