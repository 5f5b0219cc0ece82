"""``transflower data import SOURCE FOLDER --out FEATURES``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.import_options import ImportConfig


def run(argv: Sequence[str], *, prog: str) -> int:
    """Import, and say what was done."""
    options = parse(ImportConfig, argv, positional=["source", "folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.importing import import_corpus

    say(import_corpus(options))
    return 0
