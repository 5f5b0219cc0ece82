"""Tables of text as Markdown, which read well on a terminal too."""

from collections.abc import Sequence


def padded_table(lines: Sequence[Sequence[str]]) -> str:
    """A table of cells: a line of titles, then the others; the first column is aligned left, the others right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in [lines[0], rule, *lines[1:]]
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
