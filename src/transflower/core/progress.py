"""The one progress bar: silent in pipes and tests, with rate and remaining time on a terminal."""

import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Iterable[T], *, label: str, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Iterate over ``items`` with a bar on standard error, where that is a terminal.

    Processes that work for another one show none: theirs would write over each other's.
    """
    is_shown = sys.stderr.isatty() and multiprocessing.parent_process() is None
    yield from tqdm(items, desc=label, total=total, unit=unit, leave=False, disable=not is_shown, dynamic_ncols=True)
