"""Results as tables: for a terminal and Markdown, for LaTeX, and as CSV."""

import csv
import io
import math
from dataclasses import replace

from transflower.core.text_table import padded_table
from transflower.evaluation.bootstrap import Estimate
from transflower.evaluation.results import Results

_LATEX = {
    "\\": r"\textbackslash{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_ARROWS = {"lower": "↓", "higher": "↑"}
_LATEX_ARROWS = {"lower": r" $\downarrow$", "higher": r" $\uparrow$"}


def markdown(results: Results, *, corner: str = "") -> str:
    """A table with a line a number and a column a system, section by section; it reads well on a terminal too."""
    lines = [[corner, *results.systems]]
    section = ""
    for key, number in results.columns.items():
        if results.group(key) != section:
            section = results.group(key)
            lines.append([f"**{section}**", *("" for _ in results.systems)])
        title = f"{number.title} {_ARROWS.get(number.better, '')}".rstrip()
        lines.append([title, *(cell(row.get(key)) for row in results.systems.values())])
    return padded_table(lines) + "\n"


def markdown_within(results: Results, width: int, *, corner: str = "") -> str:
    """The same in as few tables as are no wider than so many characters; a table has one system at least."""
    names = list(results.systems)
    for number in range(len(names), 0, -1):
        parts = [names[first : first + number] for first in range(0, len(names), number)]
        tables = [
            markdown(replace(results, systems={one: results.systems[one] for one in some}), corner=corner)
            for some in parts
        ]
        if max(table.index("\n") for table in tables) <= width:
            break
    return "\n".join(tables)


def told_within(results: Results, width: int) -> str:
    """All numbers and, below them, differences from the first system that others are compared with."""
    tables = [markdown_within(results, width)]
    paired, corner = first_differences(results)
    if paired.columns:
        tables.append(markdown_within(paired, width, corner=corner))
    return "\n".join(tables)


def first_differences(results: Results) -> tuple[Results, str]:
    """Differences from the first system that others are compared with, and what stands in the corner of their table."""
    known = [name for name in results.systems if any(results.differences.get(name, {}).values())]
    reference = known[0] if known else ""
    return results.minus(reference), f"difference from {reference}, paired over recordings"


def latex(results: Results, *, corner: str = "") -> str:
    """A ``tabular`` of booktabs, with the intervals in small type."""
    names = " & ".join(_escaped(name) for name in results.systems)
    lines = [rf"\begin{{tabular}}{{l{'r' * len(results.systems)}}}", r"\toprule", rf"{_escaped(corner)} & {names} \\"]
    section = ""
    for key, number in results.columns.items():
        if results.group(key) != section:
            section = results.group(key)
            lines.append(rf"\midrule \multicolumn{{{len(results.systems) + 1}}}{{l}}{{\emph{{{section}}}}} \\")
        title = _escaped(number.title) + _LATEX_ARROWS.get(number.better, "")
        cells = " & ".join(_latex_cell(row.get(key)) for row in results.systems.values())
        lines.append(rf"{title} & {cells} \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def as_csv(results: Results) -> str:
    """A line for each number of each system, then one for each difference from a reference."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["system", "metric", "title", "value", "low", "high", "recordings", "reference"])
    for reference, rows in {"": results.systems, **results.differences}.items():
        for name, row in rows.items():
            for key, found in row.items():
                values = (found.value, found.low, found.high)
                cells = [repr(value) if math.isfinite(value) else "" for value in values]
                writer.writerow([name, key, results.columns[key].title, *cells, found.recordings, reference])
    return text.getvalue()


def shown(value: float) -> str:
    """Three digits that count; whole numbers as such."""
    if not math.isfinite(value):
        return "-"
    size = abs(value)
    if value == round(value) and size < 1e6:
        return f"{value:.0f}"
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.3g}"


def cell(found: Estimate | None) -> str:
    """A number with its interval, where it has one."""
    if found is None or not math.isfinite(found.value):
        return "-"
    if not math.isfinite(found.low):
        return shown(found.value)
    return f"{shown(found.value)} ({shown(found.low)} to {shown(found.high)})"


def _latex_cell(found: Estimate | None) -> str:
    if found is None or not math.isfinite(found.value):
        return "--"
    interval = f" {{\\scriptsize [{shown(found.low)}, {shown(found.high)}]}}" if math.isfinite(found.low) else ""
    return f"${shown(found.value)}$" + interval


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(mark, mark) for mark in text)
