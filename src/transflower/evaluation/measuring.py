"""Everything that is measured of a system, in a process of its own where there are several."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from transflower.core.progress import progress
from transflower.core.workers import map_parallel
from transflower.evaluation.bootstrap import Bootstrapped, bootstrap
from transflower.evaluation.calibration.summary import CalibrationSummary, summarise
from transflower.evaluation.metric import Metric, NotMeasurable
from transflower.evaluation.system import Setting, System

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured of a system."""

    numbers: Mapping[str, Bootstrapped]
    """Title of a metric -> its numbers."""
    missing: Mapping[str, str]
    """Title of a metric -> why there are none."""
    calibration: CalibrationSummary | None
    """Its curves, where they are wanted and it is a model."""


def measure_systems(
    metrics: Sequence[Metric],
    systems: Sequence[System],
    setting: Setting,
    *,
    draws: int,
    with_calibration: bool = False,
    jobs: int = 1,
) -> dict[str, Measured]:
    """Measure systems, whose names differ.

    Args:
        metrics: what is measured.
        systems: of which.
        setting: what they have in common.
        draws: of the bootstrap.
        with_calibration: whether the curves of calibration are wanted.
        jobs: processes; -1: one for each core.

    Raises:
        WorkerError: a process was killed.
    """
    log.info("measuring %d metrics of %d systems", len(metrics), len(systems))
    measure = partial(_measure, metrics, setting, draws, with_calibration)
    found = map_parallel(measure, systems, jobs=jobs, with_threads=True)
    shown = progress(found, label="measuring", total=len(systems), unit="system")
    return {system.name: measured for system, measured in zip(systems, shown, strict=True)}


def _measure(
    metrics: Sequence[Metric], setting: Setting, draws: int, with_calibration: bool, system: System
) -> Measured:
    numbers: dict[str, Bootstrapped] = {}
    missing: dict[str, str] = {}
    for metric in progress(metrics, label=system.name, unit="metric"):
        try:
            numbers[metric.title] = bootstrap(metric, system, setting, draws=draws)
        except NotMeasurable as reason:
            missing[metric.title] = str(reason)
    calibration = _calibration(system, setting) if with_calibration else None
    return Measured(numbers=numbers, missing=missing, calibration=calibration)


def _calibration(system: System, setting: Setting) -> CalibrationSummary | None:
    try:
        return summarise(system, setting)
    except NotMeasurable:
        return None
