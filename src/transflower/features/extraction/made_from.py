"""What arrays were made from: a line for each recording, kept in a hidden folder beside the arrays.

So a recording that was only copied or touched is not extracted again, and one that was replaced by an older one is.
Where nothing is kept, the times of the files decide.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from transflower.core.errors import TransflowerError
from transflower.core.file_stamp import SETTLED_SECONDS, FileStamp, read_stamp
from transflower.core.files import CACHE_FOLDER, is_there, read_text
from transflower.features.extraction.sources import Source

Result = TypeVar("Result")

_LARGEST = 2**30
_MOST_THREADS = 8
_NOT_ABOUT = ("sequence_id", "path", "needs", "beats")
"""Fields of a source that its files stand for."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the arrays of a recording were made from."""

    digest: str
    """Of the files, and of which part of them counts."""
    files: tuple[FileStamp, ...]
    """Of those files; none where they were written so recently that their times do not tell."""
    arrays: tuple[FileStamp, ...] = ()
    """Of the arrays that were made."""


@dataclass(frozen=True)
class WithOrigin(Generic[Result]):
    """A function of a recording, which also tells what it was given."""

    function: Callable[[Source], Result]

    def __call__(self, source: Source) -> tuple[Origin, Result]:
        """Its result, and what it was made from: as it was before, if it has not changed meanwhile."""
        before, digest = _stamps(_files(source)), _digest(source)
        result = self.function(source)
        is_same = before == _stamps(_files(source))
        return Origin(digest=digest if is_same else "", files=_settled(before)), result


class Origins:
    """The origins of the arrays of one feature."""

    def __init__(self, out: Path, feature: str) -> None:
        self.path = out / CACHE_FOLDER / f"{feature}.origins.jsonl"
        self._known = dict(_read(self.path))

    def are_current(self, sources: Sequence[Source], arrays: Sequence[Sequence[Path]]) -> list[bool | None]:
        """Of each recording, whether its arrays, which exist, were made from it; None where that is not known."""
        with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
            return list(pool.map(self._is_current, sources, arrays))

    def add(self, source: Source, origin: Origin, arrays: Iterable[Path]) -> None:
        """Keep what arrays were made from, if the folder allows it."""
        origin = replace(origin, arrays=_stamps(arrays))
        self._known[source.sequence_id] = origin
        line = json.dumps({"id": source.sequence_id, **asdict(origin)})
        try:
            self.path.parent.mkdir(exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")  # What a kill has cut off before stays a line of its own.
        except OSError:
            return

    def _is_current(self, source: Source, arrays: Sequence[Path]) -> bool | None:
        known = self._known.get(source.sequence_id)
        if known is None or not known.digest or known.arrays != _stamps(arrays):
            return None
        stamps = _stamps(_files(source))
        if known.files == stamps and known.digest.startswith(_about(source)):
            return True
        if known.digest != _digest(source):
            return False
        self.add(source, replace(known, files=_settled(stamps)), arrays)
        return True


def _files(source: Source) -> list[Path]:
    """What decides on its features. Of a table that names it, only what it says of it counts."""
    return [source.path, *([source.beats] if source.beats else [])]


def _about(source: Source) -> str:
    """Digest of which part of its files counts, and how they are read."""
    about = {name: value for name, value in asdict(source).items() if name not in _NOT_ABOUT}
    return hashlib.blake2b(json.dumps(about, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()


def _digest(source: Source) -> str:
    """Of what its features are made of; empty where a file cannot be read."""
    found = [_about(source)]
    try:
        for path in _files(source):
            with path.open("rb") as file:
                found.append(hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16)).hexdigest())
    except OSError:
        return ""
    return "-".join(found)


def _stamps(paths: Iterable[Path]) -> tuple[FileStamp, ...]:
    found = [read_stamp(path) for path in paths]
    return tuple(stamp for stamp in found if stamp is not None)


def _settled(stamps: tuple[FileStamp, ...]) -> tuple[FileStamp, ...]:
    now = time.time_ns()
    return stamps if all(now - stamp.latest_ns >= SETTLED_SECONDS * 1e9 for stamp in stamps) else ()


def _read(path: Path) -> Iterator[tuple[str, Origin]]:
    """The lines, the later of two about one recording last; what cannot be read is left out."""
    if not is_there(path):
        return
    try:
        lines = read_text(path, limit=_LARGEST).splitlines()
    except TransflowerError:
        return
    for line in lines:
        try:
            found = json.loads(line)
            files, arrays = (tuple(FileStamp(*stamp) for stamp in found[name]) for name in ("files", "arrays"))
            yield str(found["id"]), Origin(digest=str(found["digest"]), files=files, arrays=arrays)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
