"""``transflower data split FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.splits import SplitConfig, split_folder


def run(argv: Sequence[str], *, prog: str) -> int:
    """Write the lists, and say what went where."""
    say(split_folder(parse(SplitConfig, argv, positional=["folder"], prog=prog)))
    return 0
