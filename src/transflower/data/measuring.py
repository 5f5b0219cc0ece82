"""Looking at every value of many arrays: those that a cache knows are not read."""

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from transflower.core.array_file import ArrayFile
from transflower.core.errors import FormatError
from transflower.core.file_stamp import FileStamp
from transflower.core.line_cache import settled_stamps_of
from transflower.core.progress import progress
from transflower.core.spans import Kind
from transflower.data.contents_cache import ContentsCache, Measured
from transflower.data.statistics import Contents, measure
from transflower.data.store import Store

_MOST_THREADS = 8
_SECONDS_BETWEEN = 30.0
"""Between writings of the cache, so that a kill costs little."""


def measure_arrays(
    store: Store, feature: str, rows: Mapping[str, int], cache: ContentsCache, *, kind: Kind, dim: int
) -> Iterator[tuple[str, Contents | FormatError]]:
    """Each sequence in order, and what its array holds, or what is wrong with it.

    Args:
        store: the folder; headers are read.
        feature: of which the arrays are.
        rows: sequences, and how many rows of each to read.
        cache: takes what is read.
        kind: what the values are.
        dim: columns of the arrays.
    """

    def read(one: str) -> tuple[FileStamp | None, Contents | FormatError]:
        header, path = store.header(one, feature), store.path(one, feature)
        stamp = next(iter(settled_stamps_of([path])), None)
        try:
            chunks = ArrayFile(path, header).chunks(rows[one])
            return stamp, measure((chunk.reshape(-1, dim) for chunk in chunks), kind, path)
        except FormatError as error:
            return stamp, error

    def kept(one: str, stamp: FileStamp | None, found: Contents | FormatError) -> Contents | FormatError:
        if isinstance(found, Contents):
            cache.add(Measured(one, rows[one], kind), store.header(one, feature), found, stamp)
        return found

    known = {one: cache.get(Measured(one, count, kind), dim) for one, count in rows.items()}
    unknown = [one for one, contents in known.items() if contents is None]
    pool = ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1))
    due = time.monotonic() + _SECONDS_BETWEEN
    try:
        found = progress(pool.map(read, unknown), label=f"checking {feature}", total=len(unknown), unit="file")
        for one, contents in known.items():
            yield one, contents or kept(one, *next(found))
            if time.monotonic() > due:
                cache.write()
                due = time.monotonic() + _SECONDS_BETWEEN
    finally:
        pool.shutdown(cancel_futures=True)
        cache.write()
