"""What an extraction did."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.listing import listing


@dataclass(frozen=True, kw_only=True)
class ExtractionReport:
    """The outcome of all recordings."""

    out: Path
    """Folder of the features."""
    written: int
    """Recordings whose arrays were written."""
    skipped: int
    """Recordings whose arrays were there already, made from them as they are."""
    notes: tuple[str, ...]
    """Notes on the recordings."""

    def raise_problems(self, problems: Sequence[str]) -> None:
        """Refuse recordings with problems, with a summary of what was done.

        Raises:
            DataError: there are problems; listing all of them.
        """
        if not problems:
            return
        done = self.written + self.skipped
        failed = listing(f"{len(problems)} of {done + len(problems)} recordings could not be used", problems)
        raise DataError(f"{self}\n{failed}" if done else failed)

    def __str__(self) -> str:
        """As text."""
        skipped = f", {self.skipped} were there already" if self.skipped else ""
        done = f"{self.out}: features of {self.written} recordings written{skipped}"
        return "\n".join([done, *(f"note: {note}" for note in self.notes)])
