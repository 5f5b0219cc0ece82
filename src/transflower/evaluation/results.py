"""The numbers of a report: systems by metrics, each with its interval."""

import logging
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from inspect import cleandoc

from transflower.core.errors import DataError
from transflower.core.progress import progress
from transflower.evaluation.bootstrap import DRAWS, Bootstrapped, Estimate, bootstrap
from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.system import Setting, System

log = logging.getLogger(__name__)


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


def measure(
    metrics: Sequence[Metric],
    systems: Sequence[System],
    setting: Setting,
    *,
    stated: Mapping[str, str | int | float],
    compared: Collection[str] = (),
    draws: int = DRAWS,
) -> Results:
    """Measure all systems, whose names differ.

    Args:
        metrics: what is measured.
        systems: of which.
        setting: what they have in common.
        stated: the same, in words for a header.
        compared: names of the systems whose differences are told, from each one that is named before.
        draws: of the bootstrap.

    Raises:
        DataError: nothing could be measured.
    """
    names = [system.name for system in systems]
    found: dict[str, dict[str, Estimate]] = {name: {} for name in names}
    missing: dict[str, dict[str, str]] = {name: {} for name in names}
    differences: dict[str, dict[str, dict[str, Estimate]]] = {}
    log.info("measuring %d metrics of %d systems", len(metrics), len(systems))
    references: dict[str, dict[str, Bootstrapped]] = {metric.title: {} for metric in metrics}
    work = [(metric, system) for metric in metrics for system in systems]
    for metric, system in progress(work, label="metrics", unit="number"):
        try:
            measured = bootstrap(metric, system, setting, draws=draws)
        except NotMeasurable as reason:
            missing[system.name][metric.title] = str(reason)
            continue
        found[system.name] |= measured.estimates()
        if system.name in compared:
            for name, reference in references[metric.title].items():
                differences.setdefault(name, {}).setdefault(system.name, {}).update(measured.minus(reference))
            references[metric.title][system.name] = measured
    known = {key for row in found.values() for key in row}
    if not known:
        raise DataError("nothing could be measured: " + next(iter(missing[names[0]].values()), "there are no metrics"))
    return Results(
        setting=dict(stated),
        columns={key: number for metric in metrics for key, number in metric.numbers.items() if key in known},
        definitions={metric.title: _definition(metric) for metric in metrics if known & set(metric.numbers)},
        systems=found,
        differences=differences,
        missing={name: reasons for name, reasons in missing.items() if reasons},
    )


def _definition(metric: Metric) -> Definition:
    text = cleandoc(type(metric).__doc__ or "")
    return Definition(group=metric.group, text=text, source=metric.source, columns=tuple(metric.numbers))


def _plain(rows: Mapping[str, Mapping[str, Estimate]]) -> dict[str, dict[str, dict[str, float | None]]]:
    return {name: {key: _finite(asdict(found)) for key, found in row.items()} for name, row in rows.items()}


def _finite(row: Mapping[str, float]) -> dict[str, float | None]:
    return {key: value if math.isfinite(value) else None for key, value in row.items()}
