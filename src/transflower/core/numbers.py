"""Numbers as text holds them: one bound for everything that is read from files."""

import math

LARGEST = 1e15
"""Far above every length, angle, rate and count, and small enough that products of several stay finite."""
MOST_FPS = 1000
"""Frames per second; no recording has more."""
_MOST_DIGITS = 20
"""Of a whole number: the largest seed, 2**64 - 1, has as many."""
_SHOWN = 24


def parse_int(text: str) -> int:
    """The whole number that ``text`` writes in decimal digits.

    Raises:
        ValueError: it is none, or has more digits than any number that is meant.
    """
    digits = text.strip().lstrip("+-").replace("_", "")
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"{shorten(text)!r} has {len(digits)} digits, {_MOST_DIGITS} are the most")
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{shorten(text)!r} is not a whole number") from error


def parse_float(text: str) -> float:
    """The number that ``text`` writes.

    Raises:
        ValueError: it is none, not finite, or larger than any number that is meant.
    """
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(f"{shorten(text)!r} is not a number") from error
    if not math.isfinite(number):
        raise ValueError(f"{shorten(text)!r} is not a finite number")
    if abs(number) > LARGEST:
        raise ValueError(f"{shorten(text)!r} is too large, {LARGEST:g} is the most")
    return number


def shorten(text: str, *, length: int = _SHOWN) -> str:
    """``text``, or its beginning, for a message."""
    return text if len(text) <= length else f"{text[:length]}..."
