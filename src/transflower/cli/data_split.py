"""``transflower data split FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.verb_options import SplitConfig


def run(argv: Sequence[str], *, prog: str) -> int:
    """Write the lists, and say what went where."""
    options = parse(SplitConfig, argv, positional=["folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.splits import split_folder

    say(split_folder(options))
    return 0
