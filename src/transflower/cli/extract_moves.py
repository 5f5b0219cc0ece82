"""``transflower extract moves FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.moves_extraction import MovesExtraction, extract_moves


def run(argv: Sequence[str], *, prog: str) -> int:
    """Find the moves, and say how many sequences have them now."""
    say(extract_moves(parse(MovesExtraction, argv, positional=["folder"], prog=prog)))
    return 0
