"""Rows of numbers, some with their intervals, as tables."""

from collections.abc import Mapping

from transflower.core.text_table import padded_table
from transflower.evaluation.bootstrap import Estimate
from transflower.evaluation.tables import cell


def table(rows: Mapping[str, Mapping[str, object]]) -> str:
    """A Markdown table of rows by name, with a column for each name that appears."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [[title, *(_text(row.get(name, "")) for name in names)] for title, row in rows.items()]
    return padded_table([["", *names], *lines])


def _text(value: object) -> str:
    return cell(value) if isinstance(value, Estimate) else str(value)
