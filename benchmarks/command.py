"""The command of a benchmark whose result is a table."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import torch

from benchmarks.intervals import table
from transflower.core.errors import TransflowerError
from transflower.core.files import write_json
from transflower.core.options import parse


@runtime_checkable
class WithOut(Protocol):
    """Options that say where the figures go."""

    @property
    def out(self) -> Path | None:
        """JSON file; None: nowhere."""


Options = TypeVar("Options", bound=WithOut)


def print_table(
    options: type[Options],
    measure: Callable[[Options], Mapping[str, Mapping[str, float]]],
    argv: Sequence[str],
    *,
    prog: str,
) -> int:
    """Measure the rows of a table, and print and write them; returns the exit code."""
    try:
        asked = parse(options, argv, prog=prog)
        torch.set_num_threads(1)
        rows = measure(asked)
        print(table({name: {key: f"{value:.3g}" for key, value in row.items()} for name, row in rows.items()}))
        if asked.out is not None:
            write_json(asked.out, rows)
    except TransflowerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
