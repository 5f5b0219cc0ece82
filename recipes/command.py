"""A recipe as a command: options, what was done, and one sentence where it could not be."""

import sys
from collections.abc import Callable
from typing import TypeVar

from transflower.core.errors import TransflowerError
from transflower.core.options import parse

Options = TypeVar("Options")


def run_command(kind: type[Options], run: Callable[[Options], str], *, prog: str) -> int:
    """Read the options of the command line, run, and print what ``run`` says; the exit code, 2 for a user's mistake."""
    try:
        print(run(parse(kind, sys.argv[1:], prog=prog)))
    except TransflowerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
