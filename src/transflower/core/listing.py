"""Lists in messages: the first few entries, and how many more there are."""

from collections.abc import Sequence


def first_few(entries: Sequence[str], most: int, *, more: str = "and {} more") -> list[str]:
    """At most ``most`` entries; where there are more, one more entry that counts the others."""
    rest = len(entries) - most
    return [*entries[:most], *([more.format(rest)] if rest > 0 else [])]


def name_some(names: Sequence[str], *, most: int = 10) -> str:
    """The first few names in a sentence, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def listing(head: str, lines: Sequence[str]) -> str:
    """One line where there is one thing to say, else a list."""
    return f"{head}: {lines[0]}" if len(lines) == 1 else "\n  - ".join([f"{head}:", *lines])
