"""The one progress bar: silent in pipes and tests, with rate and remaining time on a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Iterable[T], *, label: str, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Iterate over ``items`` with a bar on standard error, where that is a terminal."""
    yield from tqdm(
        items, desc=label, total=total, unit=unit, leave=False, disable=not sys.stderr.isatty(), dynamic_ncols=True
    )
