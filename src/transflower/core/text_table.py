"""Tables of text: of aligned columns for a terminal, and as Markdown."""

from collections.abc import Collection, Sequence

FIRST = (0,)


def aligned_columns(lines: Sequence[Sequence[str]], *, left: Collection[int] = FIRST) -> str:
    """Cells below each other, two spaces apart; the columns ``left`` are aligned left, the others right."""
    return "\n".join("  ".join(line).rstrip() for line in _padded(lines, left))


def padded_table(lines: Sequence[Sequence[str]]) -> str:
    """A table as Markdown, which reads well on a terminal too: a line of titles, then the others."""
    head, *others = _padded(lines, FIRST)
    rule = ["-" * len(head[0]), *("-" * (len(cell) - 1) + ":" for cell in head[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *others])


def _padded(lines: Sequence[Sequence[str]], left: Collection[int]) -> list[list[str]]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        [
            cell.ljust(width) if index in left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
