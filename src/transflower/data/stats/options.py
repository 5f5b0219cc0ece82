"""Options of the statistics of a folder, without what it takes to measure: ``--help`` is quick."""

from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Jobs, Natural


@dataclass(frozen=True, kw_only=True)
class StatsConfig:
    """Hours, lengths, loudness, sync with the music, contacts, outliers and styles of a folder of features."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files, as the `extract` verbs write them."""
    page: Path | None = None
    """Also write a page with charts, FILE.html, that needs no other file."""
    overwrite: bool = False
    """Replace a page that exists."""
    jobs: Jobs = -1
    """Sequences worked on at the same time; -1: one for each CPU core."""
    most: Natural = 10
    """Files and outliers that are named of each kind."""

    def __post_init__(self) -> None:
        check_page(self.page)


def check_page(page: Path | None) -> None:
    """Refuse a page of another kind.

    Raises:
        OptionsError: its name does not end with .html.
    """
    if page is not None and page.suffix.lower() not in {".html", ".htm"}:
        raise OptionsError(f"page must be called FILE.html, got {page}")
