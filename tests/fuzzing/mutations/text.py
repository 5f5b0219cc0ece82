"""Tokens and lines of text changed; what is text to the reader stays text, mostly."""

import random
import re
from collections.abc import Callable

from tests.fuzzing.mutations import values
from tests.fuzzing.mutations.binary import place

_TOKEN = re.compile(r"[^\s{}\[\]:,\"']+|[{}\[\]:,\"']")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?(?![\w.])")


def mutate_text(rng: random.Random, data: bytes) -> bytes:
    """One change of a number, a token, a line, or the encoding."""
    text = data.decode("utf-8", errors="surrogateescape")
    changed = rng.choice(_CHANGES)(rng, text)
    if rng.random() < 0.05:
        return _encoded(rng, changed)
    return changed.encode("utf-8", errors="surrogatepass" if "\ud800" in changed else "surrogateescape")


def _encoded(rng: random.Random, text: str) -> bytes:
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "utf-7"])
    return text.encode(encoding, errors="replace")


def _number(rng: random.Random, text: str) -> str:
    return _replaced(rng, text, list(_NUMBER.finditer(text)), values.number(rng))


def _token(rng: random.Random, text: str) -> str:
    return _replaced(rng, text, list(_TOKEN.finditer(text)), values.text(rng))


def _token_of_file(rng: random.Random, text: str) -> str:
    tokens = list(_TOKEN.finditer(text))
    return _replaced(rng, text, tokens, rng.choice(tokens).group() if tokens else "x")


def _without_token(rng: random.Random, text: str) -> str:
    return _replaced(rng, text, list(_TOKEN.finditer(text)), "")


def _doubled_token(rng: random.Random, text: str) -> str:
    found = _one(rng, list(_TOKEN.finditer(text)))
    return text if found is None else text[: found.end()] + rng.choice([" ", ""]) + found.group() + text[found.end() :]


def _lines(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or ["\n"]
    at, other = place(rng, len(lines)), place(rng, len(lines))
    kind = rng.randrange(6)
    if kind == 0:
        del lines[at : at + rng.choice([1, 1, 2, 10])]
    elif kind == 1:
        lines[at:at] = [lines[other]] * rng.choice([1, 2, 1000])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines[at] = lines[at].rstrip("\r\n") + " "
    elif kind == 4:
        lines.insert(at, values.text(rng) + "\n")
    else:
        lines = [line.rstrip("\n") + rng.choice(["\r\n", "\r", "\n\n", "\u2028", "\x0b"]) for line in lines]
    return "".join(lines)


def _cut(rng: random.Random, text: str) -> str:
    return text[: place(rng, len(text) + 1)]


def _nested(rng: random.Random, text: str) -> str:
    opening = rng.choice(["[", "{", '{"a":', "- ", "JOINT x\n{\n", "&a [*a, ", "? ", "("])
    found = _one(rng, list(_TOKEN.finditer(text)))
    at = found.start() if found else 0
    return text[:at] + opening * rng.choice([2, 50, 3000, 100_000 // len(opening)]) + text[at:]


def _character(rng: random.Random, text: str) -> str:
    at = place(rng, len(text) + 1)
    return (
        text[:at]
        + rng.choice(["\x00", "\ufeff", "\t", "\x1a", "\u00a0", "#", "'", '"', "\\", "\udcff", "!!x "])
        + text[at:]
    )


def _replaced(rng: random.Random, text: str, found: list[re.Match[str]], new: str) -> str:
    one = _one(rng, found)
    return text + new if one is None else text[: one.start()] + new + text[one.end() :]


def _one(rng: random.Random, found: list[re.Match[str]]) -> re.Match[str] | None:
    return found[place(rng, len(found))] if found else None


_CHANGES: tuple[Callable[[random.Random, str], str], ...] = (
    *(_number, _number, _number, _token, _token, _token_of_file, _without_token, _doubled_token),
    *(_lines, _lines, _cut, _nested, _character),
)
