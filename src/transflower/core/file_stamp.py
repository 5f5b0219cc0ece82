"""What the file system says of a file's content: as long as it is the same, so is the content."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SETTLED_SECONDS = 2.0
"""Since a file was written, before its stamp is trusted: the clocks of some file systems do not tell writings that
follow sooner apart."""


class FileStamp(NamedTuple):
    """Size, times and number of a file. The time of change shows writings whose time of modification was set back."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int

    @property
    def latest_ns(self) -> int:
        """The later of both times."""
        return max(self.modified_ns, self.changed_ns)


def are_settled(stamps: Iterable[FileStamp]) -> bool:
    """Whether files with these stamps, read now, were written long enough ago: ask before the files are read."""
    now = time.time_ns()
    return all(now - stamp.latest_ns >= SETTLED_SECONDS * 1e9 for stamp in stamps)


def read_stamp(path: Path | str) -> FileStamp | None:
    """That of a file; None where it cannot be told."""
    try:
        status = os.stat(path)  # noqa: PTH116 - of thousands of files; a path takes longer to make than to look up
    except (OSError, ValueError):
        return None
    return FileStamp(
        size=status.st_size,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
        # Some file systems have numbers beyond what 63 bits can count.
        inode=status.st_ino % 2**63,
    )
