"""The numbers of a report: systems by metrics, each with its interval."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from inspect import cleandoc

from transflower.core.errors import DataError
from transflower.core.progress import progress
from transflower.evaluation.bootstrap import DRAWS, Estimate, estimate
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
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name of a system -> name of a metric -> why there is none."""

    def group(self, key: str) -> str:
        """The section of a number."""
        return next(one.group for one in self.definitions.values() if key in one.columns)

    def json(self) -> dict[str, object]:
        """As plain values; what could not be measured is null."""
        systems = {
            name: {key: _finite(asdict(found)) for key, found in row.items()} for name, row in self.systems.items()
        }
        return {
            "setting": dict(self.setting),
            "columns": {key: asdict(number) for key, number in self.columns.items()},
            "metrics": {name: asdict(one) for name, one in self.definitions.items()},
            "systems": systems,
            "missing": {name: dict(reasons) for name, reasons in self.missing.items()},
        }


def measure(
    metrics: Sequence[Metric],
    systems: Sequence[System],
    setting: Setting,
    *,
    stated: Mapping[str, str | int | float],
    draws: int = DRAWS,
) -> Results:
    """Measure all systems, whose names differ.

    Raises:
        DataError: nothing could be measured.
    """
    names = [system.name for system in systems]
    found: dict[str, dict[str, Estimate]] = {name: {} for name in names}
    missing: dict[str, dict[str, str]] = {name: {} for name in names}
    log.info("measuring %d metrics of %d systems", len(metrics), len(systems))
    work = [(metric, system) for metric in metrics for system in systems]
    for metric, system in progress(work, label="metrics", unit="number"):
        try:
            found[system.name] |= estimate(metric, system, setting, draws=draws)
        except NotMeasurable as reason:
            missing[system.name][metric.title] = str(reason)
    known = {key for row in found.values() for key in row}
    if not known:
        raise DataError("nothing could be measured: " + next(iter(missing[names[0]].values()), "there are no metrics"))
    return Results(
        setting=dict(stated),
        columns={key: number for metric in metrics for key, number in metric.numbers.items() if key in known},
        definitions={metric.title: _definition(metric) for metric in metrics if known & set(metric.numbers)},
        systems=found,
        missing={name: reasons for name, reasons in missing.items() if reasons},
    )


def _definition(metric: Metric) -> Definition:
    text = cleandoc(type(metric).__doc__ or "")
    return Definition(group=metric.group, text=text, source=metric.source, columns=tuple(metric.numbers))


def _finite(row: Mapping[str, float]) -> dict[str, float | None]:
    return {key: value if math.isfinite(value) else None for key, value in row.items()}
