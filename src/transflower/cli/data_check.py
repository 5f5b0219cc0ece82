"""``transflower data check FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.verb_options import CheckConfig


def run(argv: Sequence[str], *, prog: str) -> int:
    """Print the report; 2 if there are problems."""
    options = parse(CheckConfig, argv, positional=["folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.check import check_folder

    report = check_folder(options)
    say(report)
    return 2 if report.problems else 0
