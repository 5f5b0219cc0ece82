"""What the page of a report shows, but for the dancers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transflower.core.plain import plain
from transflower.evaluation.bootstrap import Estimate
from transflower.evaluation.calibration.summary import CalibrationSummary
from transflower.evaluation.options import REAL
from transflower.evaluation.results import Results
from transflower.evaluation.system import Setting, System
from transflower.reports.beat_roses import beat_roses
from transflower.reports.calibration_panels import calibration_panels
from transflower.reports.densities import densities
from transflower.reports.drift_curves import drift_curves
from transflower.reports.learning_curves import learning_panels
from transflower.reports.pose_map import pose_map
from transflower.reports.rows import evaluated, kind_of

_DIGITS = 5
"""That count of a number: more than a chart shows."""


def report_content(
    results: Results,
    systems: Sequence[System],
    setting: Setting,
    *,
    runs: Mapping[str, Path | None],
    calibration: Mapping[str, CalibrationSummary],
) -> dict[str, Any]:
    """The numbers, and what charts show of the samples, as plain values (``ReportData`` in ``web/src/report``)."""
    return {
        "title": title_of(systems),
        "setting": {"date": datetime.now(UTC).date().isoformat(), **results.setting},
        "real": REAL,
        "systems": [{"name": system.name, "kind": kind_of(system)} for system in systems],
        **numbers(results),
        "learning": _plain(learning_panels(runs, setting.output, results.columns)),
        "densities": _plain(densities(systems, setting)),
        "poseMap": _plain(pose_map(systems, setting)),
        "roses": _plain(beat_roses(systems, setting)),
        "calibration": _plain(calibration_panels(calibration)),
        "drift": _plain(drift_curves(systems, setting)),
    }


def title_of(systems: Sequence[System]) -> str:
    """What stands above the page."""
    names = [system.name for system in evaluated(systems)] or [system.name for system in systems]
    return "Evaluation of " + (names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}")


def numbers(results: Results) -> dict[str, Any]:
    """The tables and the bars."""
    metric_of = {key: name for name, one in results.definitions.items() for key in one.columns}
    columns = [
        {"key": key, "title": number.title, "better": number.better, "metric": metric_of[key]}
        for key, number in results.columns.items()
    ]
    directed = [key for key, number in results.columns.items() if number.better]
    differences = {one: _rows(results.differences[one], directed) for one in results.differences}
    missing = [
        {"system": name, "metric": metric, "reason": reason}
        for name, reasons in results.missing.items()
        for metric, reason in reasons.items()
    ]
    return {
        "columns": columns,
        "metrics": _plain(results.definitions),
        "values": _rows(results.systems, list(results.columns)),
        "differences": differences,
        "missing": missing,
    }


def _rows(rows: Mapping[str, Mapping[str, Estimate]], keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {name: {key: _interval(row[key]) for key in keys if key in row} for name, row in rows.items()}


def _interval(found: Estimate) -> list[float | int | None]:
    """Value, both ends of the interval, and the number of recordings."""
    return [*_plain([found.value, found.low, found.high]), found.recordings]


def _plain(value: object) -> Any:
    return plain(value, digits=_DIGITS)
