"""Messages as a terminal can show them: what files and command lines hold is repeated in them, and may be anything."""

import logging
import re

_LONGEST_WORD, _LONGEST_LINE = 400, 1500
"""Characters. A path may be of that length, and a list of names; what is longer is cut in its middle."""
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What moves the cursor, changes the direction of reading or ends a line, except the line feed."""
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD},}}")


def printable(text: str) -> str:
    """``text`` with control characters escaped, and with words and lines of bounded length."""
    text = _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
    text = _LONG_WORD.sub(lambda match: _shorten(match[0], _LONGEST_WORD), text)
    return "\n".join(_shorten(line, _LONGEST_LINE) for line in text.split("\n"))


def say(report: object) -> None:
    """Print what was done or found."""
    print(printable(str(report)))


class PrintableFormatter(logging.Formatter):
    """Notes, and what ``--verbose`` tells; tracebacks are left whole."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """One record as text."""
        return printable(super().formatMessage(record))


def _shorten(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return f"{text[: length * 2 // 3]}...{text[-length // 4 :]}"
