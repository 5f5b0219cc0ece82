"""``transflower extract moves FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.verb_options import MovesExtraction


def run(argv: Sequence[str], *, prog: str) -> int:
    """Find the moves, and say how many sequences have them now."""
    options = parse(MovesExtraction, argv, positional=["folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.moves_extraction import extract_moves

    say(extract_moves(options))
    return 0
