"""The MOTION part of a BVH file: a table of numbers and the time of a frame.

Frames are counted from 0, lines from 1. Shape letters: T frames, K channels (columns).
"""

import logging
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError

log = logging.getLogger(__name__)

_TELLING_DIGITS = 3
_SAME_RATE = 2.5e-3
"""A frame time of fewer significant digits, or farther from the whole rate's, is taken at its word."""

_FRAMES = re.compile(r"\s*Frames\s*:[ \t]*(\S*)", re.IGNORECASE)
_FRAME_TIME = re.compile(r"\s*Frame\s*Time\s*:[ \t]*(\S*)", re.IGNORECASE)


def parse_frames(path: Path, text: str, start: int, num_channels: int) -> tuple[Float[np.ndarray, "T K"], str]:
    """Read the numbers and the frame time (as it is written) from ``text[start:]``, which follows the word MOTION.

    Numbers may be broken into lines anywhere. Another number of whole frames than announced is logged.

    Raises:
        FormatError: a partial frame, something that is not a finite number, no frame; names the line and the frame.
    """
    announced, start = _parse_count(path, text, start)
    frame_time, start = _parse_frame_time(path, text, start)
    if num_channels == 0:
        raise FormatError(path, "no joint has a channel, so there is no motion to read")
    body = _Body(path, text[start:].split("\n"), first_line=_line(text, start), num_channels=num_channels)
    values = body.parse(announced)
    if len(values) != announced:
        log.warning("%s: announces %d frames and holds %d; all %d are read", path, announced, len(values), len(values))
    return values, frame_time


def frame_rate(frame_time: str) -> float:
    """Frames per second of a frame time as it is written.

    A time that is a whole rate's, cut or rounded to the digits written, means that rate: ``0.0333333`` is 30 fps, not
    30.00003, which would lose a frame and drift against the music.
    """
    seconds = float(frame_time)
    rate = round(1 / seconds)
    digits, exponent = Decimal(frame_time).as_tuple()[1:]
    if rate > 0 and len(digits) >= _TELLING_DIGITS and isinstance(exponent, int):
        error = (seconds - 1 / rate) / 10.0**exponent
        if -1 < error < 0.5 + 1e-6 and abs(seconds * rate - 1) < _SAME_RATE:
            return float(rate)
    return 1 / seconds


def _parse_count(path: Path, text: str, start: int) -> tuple[int, int]:
    match = _FRAMES.match(text, start)
    if match is None:
        raise FormatError(path, "expected 'Frames: NUMBER' after MOTION", line=_line_of_next(text, start))
    if not (match[1].isascii() and match[1].isdigit()):
        raise FormatError(path, f"the number of frames is {match[1]!r}", line=_line(text, match.start(1)))
    return int(match[1]), match.end()


def _parse_frame_time(path: Path, text: str, start: int) -> tuple[str, int]:
    match = _FRAME_TIME.match(text, start)
    if match is None:
        raise FormatError(path, "expected 'Frame Time: SECONDS' after Frames", line=_line_of_next(text, start))
    try:
        seconds = float(match[1])
    except ValueError:
        seconds = math.nan
    # A frame shorter than a microsecond or longer than a day is a slip, and would overflow further on.
    if not 1e-6 <= seconds <= 86400:
        raise FormatError(
            path, f"the frame time is {match[1]!r}, not seconds above 0", line=_line(text, match.start(1))
        )
    return match[1], match.end()


class _Body:
    """The lines after the frame time."""

    def __init__(self, path: Path, lines: Sequence[str], *, first_line: int, num_channels: int) -> None:
        self.path, self.lines, self.first_line, self.num_channels = path, lines, first_line, num_channels

    def parse(self, announced: int) -> Float[np.ndarray, "T K"]:
        if not any(line and not line.isspace() for line in self.lines):
            raise FormatError(self.path, "holds no frames", line=self.first_line)
        try:
            table = np.loadtxt(self.lines, comments=None, ndmin=2)
        except ValueError:  # lines of different lengths, or something that is not a number
            values = self._parse_slowly(announced)
        else:
            if table.shape[1] != self.num_channels:
                self._check_breaks([table.shape[1]] * len(table), announced)
            values = table.reshape(-1, self.num_channels)
        is_bad = ~np.isfinite(values.ravel())
        if is_bad.any():
            self._fail_at_number(int(np.argmax(is_bad)), "{token!r} is not a finite number")
        return values

    def _parse_slowly(self, announced: int) -> Float[np.ndarray, "T K"]:
        numbers: list[float] = []
        for line in self.lines:
            try:
                numbers += [float(token) for token in line.split()]
            except ValueError:
                good = next(index for index, token in enumerate(line.split()) if not _is_number(token))
                self._fail_at_number(len(numbers) + good, "{token!r} is not a number")
        self._check_breaks([len(line.split()) for line in self.lines if not line.isspace() and line], announced)
        return np.array(numbers).reshape(-1, self.num_channels)

    def _check_breaks(self, counts: Sequence[int], announced: int) -> None:
        """Refuse numbers that do not make whole frames, at the place where they stop doing so.

        ``counts`` are the numbers on each line that has any.
        """
        num_frames, rest = divmod(sum(counts), self.num_channels)
        if rest == 0 and num_frames == announced:
            return
        is_frame_per_line = len(counts) == announced or 2 * counts.count(self.num_channels) >= len(counts)
        is_other_width = len(set(counts)) == 1 and self.num_channels % counts[0] > 0
        if is_frame_per_line or is_other_width:
            for frame, count in enumerate(counts):
                if count % self.num_channels:
                    self._fail_at_frame(sum(counts[:frame]), frame, count)
        if rest:
            self._fail_at_frame(num_frames * self.num_channels, num_frames, rest)

    def _fail_at_frame(self, first_number: int, frame: int, count: int) -> NoReturn:
        line, _ = self._find(first_number)
        message = f"the frame holds {count} of {self.num_channels} numbers"
        raise FormatError(self.path, message, line=line, frame=frame)

    def _fail_at_number(self, index: int, message: str) -> NoReturn:
        line, token = self._find(index)
        message = message.format(token=token)
        raise FormatError(self.path, message, line=line, frame=index // self.num_channels)

    def _find(self, index: int) -> tuple[int, str]:
        """Line and text of the number that has ``index`` numbers before it."""
        for number, line in enumerate(self.lines, start=self.first_line):
            tokens = line.split()
            if index < len(tokens):
                return number, tokens[index]
            index -= len(tokens)
        raise IndexError(index)


def _is_number(token: str) -> bool:
    try:
        float(token)
    except ValueError:
        return False
    return True


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _line_of_next(text: str, index: int) -> int:
    """Line of the first character from ``index`` on that is not a space, or of the last such in the text."""
    rest = text[index:].lstrip()
    return _line(text, len(text) - len(rest) if rest else len(text.rstrip()))
