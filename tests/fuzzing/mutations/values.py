"""What is put where a number or a word was."""

import random
from typing import Any

LONG = "7" * 5000
NUMBERS = (
    *(
        "0",
        "-1",
        "1",
        "-0.0",
        "0.5",
        "1e9",
        "-1e9",
        "1e308",
        "-1e308",
        "1e-308",
        "1e400",
        "1e-400",
        "nan",
        "inf",
        "-inf",
    ),
    *("2147483648", "9223372036854775808", "18446744073709551616", "0.017", "33.333", "86400", "1e160", "1e-200"),
    *("0x10", "1_000", "1,5", "½", "٣", "--1", "1e", ".", "", LONG, f"-0.{LONG}", f"1e{LONG}"),
)
"""Numbers as text: small, large, none, and what only looks like one."""
WORDS = (
    *(
        "null",
        "true",
        "[]",
        "{}",
        "''",
        "~",
        "x",
        "-",
        "..",
        "../x",
        "a/b",
        " ",
        "Ärger",
        "日本",
        "\u202e",
        "\x00",
        "\x1b[2J",
        "😀",
    ),
    *("%s%n", "{0}", "$(id)", "x" * 300, "x" * 5000, "None", "con", "*", "\\", "\u2028", "e\u0301", "\x1a"),
)
"""Words that somebody may stumble over."""
RAW_JSON = (
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e308", "1e-308", "-0.0", LONG, f"1e{LONG}", f"0.{LONG}"),
    *(
        "true",
        "false",
        "null",
        "[]",
        "{}",
        '""',
        "[[]]",
        '[{"a": null}]',
        '"\\u0000"',
        '"\\ud800"',
        "0",
        "-1",
        "1",
        "1.5",
    ),
    *("1000000000", "-1000000000", "9223372036854775808", "18446744073709551616"),
)
"""JSON values as they are written in a file."""


def number(rng: random.Random) -> str:
    """A number, or nearly."""
    if rng.random() < 0.2:
        return repr(rng.uniform(-1, 1) * 10 ** rng.uniform(-6, 6))
    return rng.choice(NUMBERS)


def text(rng: random.Random) -> str:
    """A number or a word."""
    return number(rng) if rng.random() < 0.5 else rng.choice(WORDS)


def plain(rng: random.Random) -> Any:
    """A Python value."""
    values: list[Any] = [
        *(None, True, False, 0, -1, 1, 10**9, -(10**9), 2**63, 2**64, 0.5, -0.0, 1e308, 5e-324, float("nan")),
        *(float("inf"), float("-inf"), "", "x", "1", "nan", [], {}, [[]], [None], {"x": 1}, [0] * 1000, b"x", ()),
    ]
    return rng.choice(values)
