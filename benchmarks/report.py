"""Metrics of several systems side by side, as a table, as JSON and as a chart."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import atomic_folder, write_json, write_text
from transflower.core.text_table import padded_table


@dataclass(frozen=True)
class Report:
    """Metrics by system (``data``, a model's name) and name; a system may lack some."""

    rows: Mapping[str, Mapping[str, int | float]]

    def __post_init__(self) -> None:
        if not any(self.rows.values()):
            raise DataError("a report needs at least one system with one metric")

    @property
    def metrics(self) -> list[str]:
        """Names of all metrics, in the order of their first appearance."""
        return list(dict.fromkeys(name for row in self.rows.values() for name in row))

    def text(self) -> str:
        """A Markdown table that also reads well on a terminal."""
        lines = [["", *self.metrics]]
        lines += [[name, *(_number(row.get(metric)) for metric in self.metrics)] for name, row in self.rows.items()]
        return padded_table(lines) + "\n"

    def write(self, folder: Path | str) -> None:
        """Write ``report.md``, ``report.json`` and ``report.png`` into a folder of their own, replaced as a whole."""
        with atomic_folder(folder) as temporary:
            write_text(temporary / "report.md", self.text())
            write_json(temporary / "report.json", {name: _finite(row) for name, row in self.rows.items()})
            self.draw(temporary / "report.png")

    def draw(self, path: Path) -> None:
        """Draw a picture file: one small bar chart a metric, systems below each other."""
        from matplotlib.figure import Figure

        names, metrics = list(self.rows), self.metrics
        columns = min(4, len(metrics))
        lines = math.ceil(len(metrics) / columns)
        figure = Figure(figsize=(3.2 * columns, 0.7 * lines + 0.34 * lines * len(names)), layout="constrained")
        grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
        for axes, metric in zip(grid.flat, metrics, strict=False):
            values = [self.rows[name].get(metric, math.nan) for name in names]
            shown = [value if math.isfinite(value) else 0.0 for value in values]
            bars = axes.barh(names, shown, color=[f"C{index}" for index in range(len(names))])
            axes.bar_label(bars, [_number(value) for value in values], padding=3, fontsize=8)
            axes.set_title(metric, fontsize=9)
            axes.set_xticks([])
            axes.margins(x=0.3)
            axes.spines[["top", "right", "bottom"]].set_visible(False)
        for axes in list(grid.flat)[len(metrics) :]:
            axes.set_axis_off()
        grid[0, 0].invert_yaxis()
        figure.savefig(path, dpi=110)


def _number(value: int | float | None) -> str:
    if value is None:
        return ""
    if not math.isfinite(value):
        return str(value)
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e6 else f"{value:.3g}"


def _finite(row: Mapping[str, int | float]) -> dict[str, float | None]:
    # JSON knows no NaN: what could not be measured is null.
    return {name: float(value) if math.isfinite(value) else None for name, value in row.items()}
