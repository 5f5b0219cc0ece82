"""The statistics of a folder as a page that needs no other file."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import check_folder, is_there, write_text
from transflower.data.stats.charts import charts
from transflower.data.stats.folder_stats import FolderStats
from transflower.data.stats.measure import SequenceStats
from transflower.data.stats.text import told

_MOST_ROWS = 2000
"""Of a table."""
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1100px; padding: 0 1em; color: #222; }
pre { background: #f5f5f2; padding: 1em; overflow-x: auto; white-space: pre-wrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 1.5em; }
figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 13px; } th, td { padding: 2px 10px 2px 0; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
"""


def check_new(page: Path, *, overwrite: bool) -> None:
    """Refuse a page that is there already, or cannot be written.

    Raises:
        DataError: saying so.
    """
    if is_there(page) and not overwrite:
        raise DataError(f"{page} exists; choose another --page, or add --overwrite")
    check_folder(page.parent)


def write_page(page: Path, stats: FolderStats, *, most: int, check: str | None = None) -> None:
    """Write it; ``check`` is the report of a check, to stand above."""
    write_text(page, _html(stats, most=most, check=check))


def _html(stats: FolderStats, *, most: int, check: str | None) -> str:
    title = escape(f"{stats.folder.name or stats.folder}: {len(stats.sequences)} sequences, {stats.hours():.2f} hours")
    parts = [f"<h1>{title}</h1>"]
    if check is not None:
        parts += ["<h2>Check</h2>", f"<pre>{escape(check)}</pre>"]
    parts += ["<h2>Statistics</h2>", f"<pre>{escape(told(stats, most=most))}</pre>", '<div class="charts">']
    parts += [f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in charts(stats)]
    parts.append("</div>")
    outliers = [[one.file, f"{one.second:.2f}", one.what] for one in stats.outliers]
    parts += _table("Outliers", ["file", "second", "what"], outliers)
    parts += _table(
        "Missing", ["feature", "sequence"], [[name, one] for name, ids in stats.missing.items() for one in ids]
    )
    parts += _table("Sequences", list(_COLUMNS), [_row(one) for one in stats.sequences])
    body = "\n".join(parts)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    head += f"<style>{_STYLE}</style>"
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'


_COLUMNS = {
    "sequence": "sequence_id",
    "seconds": "seconds",
    "loudness (dB)": "loudness",
    "silence (s)": "silence",
    "bpm": "bpm",
    "shift (s)": "shift",
    "confidence": "shift_confidence",
    "speed (m/s)": "speed",
    "slide (m/s)": "slide",
    "floor (m)": "floor",
}


def _row(one: SequenceStats) -> list[str]:
    values = [getattr(one, name) for name in _COLUMNS.values()]
    return ["" if value is None else value if isinstance(value, str) else f"{value:.2f}" for value in values]


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    lines = [f"<h2>{escape(title)}</h2>", f"<table><tr>{head}</tr>"]
    for row in rows[:_MOST_ROWS]:
        lines.append("<tr>" + "".join(f"<td{_class(cell)}>{escape(cell)}</td>" for cell in row) + "</tr>")
    rest = len(rows) - _MOST_ROWS
    return [*lines, "</table>", *([f"<p>and {rest} more</p>"] if rest > 0 else [])]


def _class(cell: str) -> str:
    return ' class="number"' if cell[:1].isdigit() or cell[:2].lstrip("-")[:1].isdigit() else ""
