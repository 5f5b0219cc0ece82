"""Errors that a user can fix: one sentence each that says what is wrong, where, and what to do.

The command line prints their text and exits with 2. Any other exception is a bug and may trace.
"""

import copyreg
from pathlib import Path
from typing import Any


class TransflowerError(Exception):
    """Base of all errors that a user can fix."""

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker's error comes back as it was: Python would call ``__init__`` again, with the finished sentence."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class FormatError(TransflowerError):
    """A file does not hold what its format promises."""

    def __init__(self, path: Path | str, message: str, *, line: int | None = None, frame: int | None = None) -> None:
        place = str(path)
        if line is not None:
            place += f", line {line}"
        if frame is not None:
            place += f", frame {frame}"
        super().__init__(f"{place}: {message}")
        self.path = Path(path)
        self.line = line
        self.frame = frame


class FrameRateError(FormatError):
    """A file whose frame rate the user must give."""

    def __init__(
        self, path: Path | str, question: str, *, line: int | None = None, option: str = "--source_fps"
    ) -> None:
        """``question`` holds ``{option}`` where the option that gives the rate is named."""
        super().__init__(path, question.format(option=option), line=line)
        self._question = question

    def with_option(self, option: str) -> "FrameRateError":
        """The same where another option gives the rate of this file."""
        return FrameRateError(self.path, self._question, line=self.line, option=option)


class WriteError(TransflowerError):
    """A file that could not be written; nothing of it was kept."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{reason} while writing {path}; nothing of it was kept: fix that, then run the command again")
        self.path = Path(path)
        self.reason = reason


class DataError(TransflowerError):
    """Recordings that cannot be used together, or not for what was asked."""


class OptionsError(TransflowerError):
    """Options that are unknown, of the wrong type, or that contradict each other."""


class ModelError(TransflowerError):
    """A model that cannot be built from, or does not fit, what it is given."""
