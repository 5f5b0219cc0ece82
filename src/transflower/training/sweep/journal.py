"""Optuna's journal of trials, which a full disk or a kill may cut in the middle of a line."""

import json
import os
from pathlib import Path
from typing import IO, Any

from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

from transflower.core.storage import writing


class Journal(JournalFileBackend):
    """A file of lines; a last one that is not whole was never written, and goes before the next one is."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin it."""
        self._path, self._own_lock = path, JournalFileSymlinkLock(str(path))
        super().__init__(str(path), self._own_lock)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write entries.

        Raises:
            WriteError: there is no space, or the file may not be written.
        """
        text = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with writing(self._path, self._path):
            self._own_lock.acquire()
            try:
                with self._path.open("r+b") as file:
                    _cut_to_whole_lines(file)
                    file.write(text.encode())
                    file.flush()
                    os.fsync(file.fileno())
            finally:
                self._own_lock.release()


def _cut_to_whole_lines(file: IO[bytes]) -> None:
    """Stand behind the last line that is whole, where the file then ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        file.seek(end - 1)
        if file.read(1) == b"\n":
            break
        end -= 1
    file.seek(end)
    file.truncate()
