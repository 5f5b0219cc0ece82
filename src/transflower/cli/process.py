"""What the system does to a command: closed and full outputs, names that are no text, signals that end it."""

import codecs
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Ended(KeyboardInterrupt):
    """The command was asked to end by another signal than Ctrl-C; what is half written goes, all the same."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Meanwhile, being asked to terminate, or a terminal that is closed, raises ``Ended``."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A command under nohup ignores that its terminal is closed, and shall.
    taken = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def open_streams() -> None:
    """Open closed standard input, output and error on the null device, and let file names be printed as they are.

    Otherwise files that are opened later would take the numbers of the closed ones, and prints would go into them.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+" if number else "r"))  # noqa: PTH123, SIM115 - open to the end
    codecs.register_error(_AS_IS, _as_is)
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _output(sys.stdout)


def flushed(code: int) -> int:
    """The exit code, once standard output has taken what was printed; 2 if it could not, 141 if its reader has left."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, _Output) else None
    if isinstance(failure, BrokenPipeError):
        return 141
    if failure is not None:
        reason = "no space left on it" if failure.errno == errno.ENOSPC else failure.strerror
        tell(f"transflower: error: standard output cannot be written ({reason})")
        return code or 2
    return code


def tell(line: str) -> None:
    """Print on standard error, if there is somebody who reads it."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


class _Output(io.FileIO):
    """Standard output that fails at the end instead of in the midst of the work."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write what can be written, and take the rest for written."""
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return len(memoryview(data).cast("B"))


def _output(like: io.TextIOWrapper) -> io.TextIOWrapper:
    like.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(like.fileno(), "wb", closefd=False)),
        encoding=like.encoding,
        errors=_AS_IS,
        line_buffering=like.line_buffering or like.write_through,
    )


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended(number)


_AS_IS = "transflower.as_is"


def _as_is(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that are no text as they are in the name of the file; characters that the output lacks, escaped."""
    assert isinstance(error, UnicodeEncodeError)
    character = error.object[error.start]
    if 0xDC80 <= ord(character) <= 0xDCFF:
        return bytes([ord(character) - 0xDC00]), error.start + 1
    return character.encode("ascii", "backslashreplace"), error.start + 1
