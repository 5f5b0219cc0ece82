"""``transflower data check FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.check import CheckConfig, check_folder


def run(argv: Sequence[str], *, prog: str) -> int:
    """Print the report; 2 if there are problems."""
    report = check_folder(parse(CheckConfig, argv, positional=["folder"], prog=prog))
    say(report)
    return 2 if report.problems else 0
