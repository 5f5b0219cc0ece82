"""What a source of recordings is: how its files are found, and what is known of them."""

from collections.abc import Callable
from dataclasses import dataclass

from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow


@dataclass(frozen=True, kw_only=True)
class Found:
    """The recordings of a folder."""

    rows: tuple[RecordingRow, ...]
    """In the order of their ids."""
    notes: tuple[str, ...] = ()
    """What was left out or is missing."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A data set, or a way to keep recordings."""

    title: str
    """As its authors call it."""
    find: Callable[[ImportConfig], Found]
    """Raises DataError: the folder is not laid out as the source is."""
    terms: str
    """What may be done with it, and with what learns from it, in a sentence."""
    are_arrays: bool = False
    """Whether the files are features already, which are taken as they are."""
