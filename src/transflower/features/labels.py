"""Labels of recordings as arrays: what somebody writes of a style, a dancer, an energy or what happens, and its frames.

Shape letters: T frames, W words.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int64

from transflower.core.errors import DataError
from transflower.core.listing import name_some
from transflower.core.numbers import parse_float, shorten

NO_WORD = ""
"""The first word of each vocabulary of words, which stands for no more of them."""
_TIMED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*:(.*)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

TimedLabel = tuple[float, str]
"""The second from which on a label holds."""


def parse_timed(text: str) -> list[TimedLabel]:
    """What ``salsa``, or ``0:groove,20:salsa``, says.

    Raises:
        DataError: no label, or times that do not begin at 0 or do not grow.

    Example:
        >>> parse_timed("0:groove, 20.5:salsa")
        [(0.0, 'groove'), (20.5, 'salsa')]
        >>> parse_timed("cha-cha: on two")
        [(0.0, 'cha-cha: on two')]
    """
    if not text.strip():
        raise DataError("no label is given")
    if not _TIMED.fullmatch(text):
        return [(0.0, text.strip())]
    found: list[TimedLabel] = []
    for part in text.split(","):
        timed = _TIMED.fullmatch(part)
        if timed is None or not timed[2].strip():
            raise DataError(f"{shorten(part.strip())!r} must be a second and a label, as in 0:groove,20:salsa")
        found.append((parse_float(timed[1]), timed[2].strip()))
    seconds = [second for second, _ in found]
    if seconds[0] != 0:
        raise DataError(f"the first label must begin at second 0, not {seconds[0]:g}")
    if any(after <= before for before, after in pairwise(seconds)):
        raise DataError("the seconds at which labels begin must grow")
    return found


def find_class(label: str, vocabulary: Sequence[str]) -> int:
    """The class of a label, however its letters are written.

    Raises:
        DataError: it is none of the vocabulary; names the nearest.
    """
    known = {one.casefold(): index for index, one in enumerate(vocabulary)}
    if (index := known.get(label.casefold())) is not None:
        return index
    near = get_close_matches(label.casefold(), known, n=1)
    told = f"did you mean {vocabulary[known[near[0]]]!r}?" if near else f"there are {name_some(vocabulary)}"
    raise DataError(f"there is no {shorten(label)!r} ({told})")


def class_frames(
    labels: Iterable[TimedLabel], fps: float, num_frames: int, *, vocabulary: Sequence[str]
) -> Int64[np.ndarray, "T 1"]:
    """The class of each frame.

    Raises:
        DataError: a label that is none of the vocabulary.
    """
    rows = np.zeros((num_frames, 1), np.int64)
    for second, label in labels:
        rows[_first_frame(second, fps) :] = find_class(label, vocabulary)
    return rows


def number_frames(labels: Iterable[TimedLabel], fps: float, num_frames: int) -> Float32[np.ndarray, "T 1"]:
    """The number of each frame.

    Raises:
        DataError: a label that is no number.
    """
    rows = np.zeros((num_frames, 1), np.float32)
    for second, label in labels:
        try:
            rows[_first_frame(second, fps) :] = parse_float(label)
        except ValueError as error:
            raise DataError(str(error)) from error
    return rows


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case.

    Example:
        >>> words_of("A slow turn, arms up!")
        ['a', 'slow', 'turn', 'arms', 'up']
    """
    return [word.casefold() for word in _WORD.findall(text)]


def word_rows(text: str, vocabulary: Sequence[str], count: int) -> Int64[np.ndarray, "W 1"]:
    """The classes of the first ``count`` words that the vocabulary has, then ``NO_WORD``."""
    known = {word: index for index, word in enumerate(vocabulary)}
    found = [known[word] for word in words_of(text) if word in known][:count]
    return np.array(found + [known[NO_WORD]] * (count - len(found)), np.int64)[:, None]


def _first_frame(second: float, fps: float) -> int:
    return int(np.ceil(second * fps - 1e-6))
