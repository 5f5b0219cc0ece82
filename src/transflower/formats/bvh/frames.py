"""The MOTION part of a BVH file: a table of numbers and the time of a frame.

Frames are counted from 0, lines from 1. Shape letters: T frames, K channels (columns).
"""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError, FrameRateError
from transflower.core.numbers import LARGEST, parse_int, shorten
from transflower.formats.bvh.rate import frame_rate, rate_question
from transflower.formats.bvh.text import number_fault

log = logging.getLogger(__name__)

_FRAMES = re.compile(r"\s*Frames\s*:[ \t]*(\S*)", re.IGNORECASE)
_FRAME_TIME = re.compile(r"\s*Frame\s*Time\s*:[ \t]*(\S*)", re.IGNORECASE)


def parse_frames(
    path: Path, text: str, start: int, num_channels: int, *, fps: float | None = None
) -> tuple[Float[np.ndarray, "T K"], str, float]:
    """Read the numbers, the frame time as it is written and the frame rate from ``text[start:]``, behind MOTION.

    ``fps`` is the rate whatever the frame time is, which then is left empty. Numbers may be broken into lines
    anywhere. Another number of whole frames than announced is logged.

    Raises:
        FormatError: a partial frame, something that is not a finite number, no frame; names the line and the frame.
    """
    announced, start = _parse_count(path, text, start)
    frame_time, rate, start = _parse_frame_time(path, text, start, fps)
    if num_channels == 0:
        raise FormatError(path, "no joint has a channel, so there is no motion to read")
    body = _Body(path, text[start:].split("\n"), first_line=_line(text, start), num_channels=num_channels)
    values = body.parse(announced)
    if len(values) != announced:
        log.warning("%s: announces %d frames and holds %d; all %d are read", path, announced, len(values), len(values))
    return values, frame_time, rate


def _parse_count(path: Path, text: str, start: int) -> tuple[int, int]:
    match = _FRAMES.match(text, start)
    if match is None:
        raise FormatError(path, "expected 'Frames: NUMBER' after MOTION", line=_line_of_next(text, start))
    line = _line(text, match.start(1))
    if not (match[1].isascii() and match[1].isdigit()):
        raise FormatError(path, f"the number of frames is {shorten(match[1])!r}", line=line)
    try:
        return parse_int(match[1]), match.end()
    except ValueError as error:
        raise FormatError(path, f"the number of frames: {error}", line=line) from error


def _parse_frame_time(path: Path, text: str, start: int, fps: float | None) -> tuple[str, float, int]:
    match = _FRAME_TIME.match(text, start)
    if match is None:
        raise FormatError(path, "expected 'Frame Time: SECONDS' after Frames", line=_line_of_next(text, start))
    if fps is not None:
        return "", fps, match.end()
    line = _line(text, match.start(1))
    try:
        rate = frame_rate(match[1])
    except ValueError as error:
        raise FormatError(path, str(error), line=line) from error
    if question := rate_question(match[1], rate):
        raise FrameRateError(path, question, line=line)
    return match[1], rate, match.end()


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
        is_bad = ~(np.abs(values.ravel()) <= LARGEST)  # NaN is not
        if is_bad.any():
            self._fail_at_number(int(np.argmax(is_bad)))
        return values

    def _parse_slowly(self, announced: int) -> Float[np.ndarray, "T K"]:
        numbers: list[float] = []
        for line in self.lines:
            try:
                numbers += [_number(token) for token in line.split()]
            except ValueError:
                good = next(index for index, token in enumerate(line.split()) if not _is_number(token))
                self._fail_at_number(len(numbers) + good)
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

    def _fail_at_number(self, index: int) -> NoReturn:
        line, token = self._find(index)
        raise FormatError(self.path, number_fault(token), line=line, frame=index // self.num_channels)

    def _find(self, index: int) -> tuple[int, str]:
        """Line and text of the number that has ``index`` numbers before it."""
        for number, line in enumerate(self.lines, start=self.first_line):
            tokens = line.split()
            if index < len(tokens):
                return number, tokens[index]
            index -= len(tokens)
        raise IndexError(index)


def _number(token: str) -> float:
    if "_" in token:  # which Python takes for a separator of thousands
        raise ValueError(token)
    return float(token)


def _is_number(token: str) -> bool:
    try:
        _number(token)
    except ValueError:
        return False
    return True


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _line_of_next(text: str, index: int) -> int:
    """Line of the first character from ``index`` on that is not a space, or of the last such in the text."""
    rest = text[index:].lstrip()
    return _line(text, len(text) - len(rest) if rest else len(text.rstrip()))
