"""What a format of motion files is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from transflower.core.rates import check_source_fps
from transflower.formats.recording import Recording


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What a file may not say rightly; formats that fix all of it take none of it."""

    unit: str | float = "auto"
    """``m``, ``cm``, ``mm``, ``in``, metres per unit, or ``auto`` for what makes the body human."""
    up: str = "auto"
    """``y``, ``-y``, ``z``, ``-z``, ``x``, ``-x``, or ``auto`` for the axis along which the body stands."""
    fps: float | None = None
    """The true frame rate of the recording, for a file whose own is wrong: frames stay, their times change."""

    def __post_init__(self) -> None:
        check_source_fps(self.fps)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A kind of motion file."""

    name: str
    """As options name it."""
    suffixes: tuple[str, ...]
    """Ends of file names in lower case, that of written files first."""
    read: Callable[[Path, ReadOptions], Recording] | None = None
    """Raises FormatError: the file does not hold what the format needs. None: the format is only written."""
    holds: Callable[[Path], bool] | None = None
    """Whether a file of such a name, which others have too, holds motion as far as a look tells; a broken one may raise
    FormatError. None: every such file does."""
    write: Callable[[Path, Recording], None] | None = None
    """Writes a file whole or not at all. Raises DataError: the format cannot hold the recording. None: only read."""
