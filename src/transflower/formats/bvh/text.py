"""The text of a BVH file, whatever editor or exporter wrote it."""

import logging
import re
from pathlib import Path

from transflower.core.errors import FormatError
from transflower.core.files import read_bytes
from transflower.core.numbers import parse_float

log = logging.getLogger(__name__)

_LARGEST = 2**32
"""Bytes: some days of motion."""
_FIRST_BYTES = _LAST_BYTES = 256
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_PADDING = "\0\x1a \t\r\n"
"""What old programs and some disks leave behind the end of a text."""
_COMMA = re.compile(r"(?<!\S)[+-]?\d*,\d+(?:[eE][+-]?\d+)?(?!\S)")
_POINT = re.compile(r"(?<!\S)[+-]?(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\S)")
_COMMA_WITHIN = re.compile(r"(?<=\d),(?=\d)")


def read_bvh_text(path: Path) -> str:
    """The text, with the line ends of Unix and decimal points.

    UTF-8, UTF-16 and UTF-32 are told apart by their marks, or by how they write HIERARCHY; letters of other encodings
    can only be in names, and stay apart from each other. Zero bytes and a Ctrl-Z at the end are no text. Decimal
    commas are read where no number has a decimal point.

    Raises:
        FormatError: it is no regular file, empty, or not text.
    """
    data = read_bytes(path, limit=_LARGEST)
    text = _decode(path, data)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "," in text and _COMMA.search(text) and not _POINT.search(text):
        log.info("%s: its numbers have decimal commas", path)
        text = _COMMA_WITHIN.sub(".", text)
    return text


def number_fault(token: str) -> str:
    """Why ``token`` is no number that a file may hold."""
    try:
        parse_float(token)
    except ValueError as error:
        hint = "; write decimals with a point, as the other numbers" if _COMMA.fullmatch(token) else ""
        return f"{error}{hint}"
    return f"{token!r} is not a number"


def _decode(path: Path, data: bytes) -> str:
    encoding = _wide_encoding(data[:_FIRST_BYTES])
    if encoding is not None:
        try:
            text = data.decode(encoding).lstrip("\ufeff").rstrip(_PADDING)
        except UnicodeDecodeError as error:
            name = encoding[:6].upper()
            raise FormatError(path, f"is damaged {name} text; open it in an editor and save it as UTF-8") from error
    else:
        end = data[-_LAST_BYTES:]
        if end.rstrip() != end.rstrip(_PADDING.encode()):  # else spare a copy of it all
            data = data.rstrip(_PADDING.encode())
        if b"\0" in data:
            raise FormatError(path, "is not text; a BVH file begins with the word HIERARCHY")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    if not text or text.isspace():
        raise FormatError(path, "is empty")
    return text


def _wide_encoding(start: bytes) -> str | None:
    for encoding in reversed(_WIDE):  # the mark of UTF-32 begins with that of UTF-16
        if start.startswith("\ufeff".encode(encoding)):
            return encoding
    for encoding in _WIDE:
        place = start.lower().find("hierarchy".encode(encoding))
        if place >= 0 and place % (int(encoding[4:6]) // 8) == 0:  # other places are those of the other byte order
            return encoding
    return None
