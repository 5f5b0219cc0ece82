"""One training at a time in a folder."""

import os
import socket
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from transflower.core.errors import OptionsError
from transflower.core.files import check_folder
from transflower.training.ranks import is_main_process

_NAME = ".lock"


class RunLock:
    """Holds the folder of a run, for all processes that train it together; the system lets go of it if they are killed.

    The folder is made, and vanishes again where nothing came of it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME
        self._lock = FileLock(self._path)
        self._made: list[Path] = []

    def __enter__(self) -> "RunLock":
        """Take it.

        Raises:
            OptionsError: another training has it, or the folder is a file.
            DataError: nothing can be written there.
        """
        if is_main_process():
            if self._folder.exists() and not self._folder.is_dir():
                raise OptionsError(f"{self._folder} is a file; name another folder for the run")
            check_folder(self._folder)
            self._made = [folder for folder in (self._folder, *self._folder.parents) if not folder.exists()]
            self._folder.mkdir(parents=True, exist_ok=True)
            self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made and self._folder.is_dir() and {path.name for path in self._folder.iterdir()} == {_NAME}:
            self._path.unlink()
            self._lock.release()
            for folder in self._made:
                folder.rmdir()
        self._lock.release()

    def _take(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise OptionsError(
                f"{self._folder} is being trained already{_holder(self._path)}; wait for it or stop it, or name "
                "another folder"
            ) from error
        self._path.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")


def _holder(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # On some systems what is locked cannot be read.
        return ""
    return f" by {text}" if text.isprintable() and text else ""
