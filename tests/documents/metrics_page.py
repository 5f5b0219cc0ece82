"""``docs/metrics.md``, made of the docstrings of metrics; ``python -m tests.documents.metrics_page`` writes it."""

import re
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from itertools import groupby

from tests.documents.documents import CHECKOUT
from transflower.core.files import write_text
from transflower.evaluation.metric import Metric, Number
from transflower.evaluation.metrics import OPTIONAL, chosen

PAGE = CHECKOUT / "docs" / "metrics.md"
_INTRODUCTION = """\
# Metrics

What [`transflower evaluate`](evaluate.md) measures. This page is made from the docstrings of
`src/transflower/evaluation/metrics/`.

Every number is of one system (a model, a folder of dances, the data) and has a 95 % interval by the bootstrap over
recordings: recordings are drawn with replacement, 2,000 times with the seed of the report, and the number is computed
of each draw. All systems of a report have one frame rate and one skeleton. Metrics that were published at another
frame rate are computed at that one, or take speeds instead of steps; their definitions say so. "The data" are the real
sequences of the same recordings, or of all splits with `--reference all`. Columns that only count, such as frames or
windows, have no interval. "Best" says which values are good: less, more, or what real dances have. It is empty for
numbers that others are compared with, such as a chance level.
"""
_BEST: Mapping[str, str] = {"lower": "less", "higher": "more", "like real": "as real", "": ""}


def metrics_page() -> str:
    """The page."""
    flags = {metric: flag for flag, some in OPTIONAL.items() for metric in some}
    listed = [(metric, flags.get(metric, "")) for metric in chosen(OPTIONAL)]
    parts = [_INTRODUCTION, _overview(listed)]
    for group, some in groupby(listed, lambda one: one[0].group):
        parts.append(f"## {group.capitalize()} metrics\n")
        parts += [_section(metric, flag) for metric, flag in some]
    return "\n".join(parts)


def _overview(listed: Sequence[tuple[Metric, str]]) -> str:
    rows = [("group", "metric", "flag"), ("---",) * 3]
    for metric, flag in listed:
        link = f"[{metric.title}](#{_anchor(metric.title)})"
        rows.append((metric.group, link, f"`--{flag}`" if flag else ""))
    return _table(rows)


def _section(metric: Metric, flag: str) -> str:
    rows = [("column", "in JSON", "best"), ("---",) * 3]
    rows += [(number.title, f"`{key}`", _best(number)) for key, number in metric.numbers.items()]
    only = f" Only with `--{flag}`." if flag else ""
    text = cleandoc(type(metric).__doc__ or "").replace("``", "`")
    return f"### {metric.title}\n{text}\n\nSource: {metric.source}.{only}\n\n{_table(rows)}"


def _best(number: Number) -> str:
    return _BEST[number.better]


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


if __name__ == "__main__":
    write_text(PAGE, metrics_page())
