"""The numbers of a report: systems by metrics, each with its interval."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from inspect import cleandoc
from itertools import combinations

from transflower.core.errors import DataError
from transflower.evaluation.bootstrap import Estimate
from transflower.evaluation.measuring import Measured
from transflower.evaluation.metric import Metric, Number


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a metric is."""

    group: str
    """The section of the report."""
    text: str
    """Its docstring."""
    source: str
    """Where it was published."""
    columns: tuple[str, ...]
    """Keys of its numbers."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """Numbers by system and column, and what was common to all of them."""

    setting: Mapping[str, str | int | float]
    """What all numbers have in common, such as the frame rate, in words for a header."""
    columns: Mapping[str, Number]
    """Key of a number -> its title and direction, in the order of the report; only those that some system has."""
    definitions: Mapping[str, Definition]
    """Name of a metric -> what it is."""
    systems: Mapping[str, Mapping[str, Estimate]]
    """Name of a system -> key of a number -> the number."""
    differences: Mapping[str, Mapping[str, Mapping[str, Estimate]]] = field(default_factory=dict)
    """Name of a reference -> name of a system -> key of a number -> by how much it has more, paired over recordings."""
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name of a system -> name of a metric -> why there is none."""

    def group(self, key: str) -> str:
        """The section of a number."""
        return next(one.group for one in self.definitions.values() if key in one.columns)

    def minus(self, reference: str) -> "Results":
        """The differences of other systems from one, of the numbers that have a direction."""
        rows = self.differences.get(reference, {})
        known = {key for row in rows.values() for key in row}
        columns = {key: number for key, number in self.columns.items() if number.better and key in known}
        return replace(self, systems=rows, columns=columns)

    def json(self) -> dict[str, object]:
        """As plain values; what could not be measured is null."""
        return {
            "setting": dict(self.setting),
            "columns": {key: asdict(number) for key, number in self.columns.items()},
            "metrics": {name: asdict(one) for name, one in self.definitions.items()},
            "systems": _plain(self.systems),
            "differences": {name: _plain(rows) for name, rows in self.differences.items()},
            "missing": {name: dict(reasons) for name, reasons in self.missing.items()},
        }


def collect(
    metrics: Sequence[Metric],
    measured: Mapping[str, Measured],
    *,
    stated: Mapping[str, str | int | float],
    compared: Collection[str] = (),
) -> Results:
    """The results of what was measured.

    Args:
        metrics: what was measured.
        measured: name of a system -> what was measured of it, in the order of the report.
        stated: what all systems have in common, in words for a header.
        compared: names of the systems whose differences are told, from each one that is named before.

    Raises:
        DataError: nothing could be measured.
    """
    systems = {name: _estimates(metrics, one) for name, one in measured.items()}
    known = {key for row in systems.values() for key in row}
    if not known:
        reasons = [reason for one in measured.values() for reason in one.missing.values()]
        raise DataError("nothing could be measured: " + next(iter(reasons), "there are no metrics"))
    return Results(
        setting=dict(stated),
        columns={key: number for metric in metrics for key, number in metric.numbers.items() if key in known},
        definitions={metric.title: _definition(metric) for metric in metrics if known & set(metric.numbers)},
        systems=systems,
        differences=_differences(metrics, {name: one for name, one in measured.items() if name in compared}),
        missing={name: one.missing for name, one in measured.items() if one.missing},
    )


def _estimates(metrics: Sequence[Metric], one: Measured) -> dict[str, Estimate]:
    found = [one.numbers[metric.title] for metric in metrics if metric.title in one.numbers]
    return {key: estimate for numbers in found for key, estimate in numbers.estimates().items()}


def _differences(
    metrics: Sequence[Metric], measured: Mapping[str, Measured]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Of each system from each one before it, in the metrics that both have; of none that shares no metric."""
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    for (name, reference), (later, one) in combinations(measured.items(), 2):
        shared = reference.numbers.keys() & one.numbers.keys()
        both = [metric.title for metric in metrics if metric.title in shared]
        minus = [one.numbers[title].minus(reference.numbers[title]) for title in both]
        if both:
            found.setdefault(name, {})[later] = {key: value for numbers in minus for key, value in numbers.items()}
    return found


def _definition(metric: Metric) -> Definition:
    text = cleandoc(type(metric).__doc__ or "")
    return Definition(group=metric.group, text=text, source=metric.source, columns=tuple(metric.numbers))


def _plain(rows: Mapping[str, Mapping[str, Estimate]]) -> dict[str, dict[str, dict[str, float | None]]]:
    return {name: {key: _finite(asdict(found)) for key, found in row.items()} for name, row in rows.items()}


def _finite(row: Mapping[str, float]) -> dict[str, float | None]:
    return {key: value if math.isfinite(value) else None for key, value in row.items()}
