"""All metrics of a report, in its order: a new one is a file here and a line in ``METRICS`` or ``OPTIONAL``."""

from collections.abc import Collection

from transflower.evaluation.metric import Metric
from transflower.evaluation.metrics.aist_diversity import AistDiversity
from transflower.evaluation.metrics.aist_frechet import AistFrechetDistances
from transflower.evaluation.metrics.beat_alignment import BeatAlignment
from transflower.evaluation.metrics.calibration import BestTemperature, Coverage, CoverageError
from transflower.evaluation.metrics.drift import Drift
from transflower.evaluation.metrics.floor_penetration import FloorPenetration
from transflower.evaluation.metrics.foot_contact import PhysicalFootContact
from transflower.evaluation.metrics.foot_skate import FootSkate
from transflower.evaluation.metrics.forecast import Crps, EnergyScore, ForecastCoverage
from transflower.evaluation.metrics.frechet import (
    MovementDistance,
    PoseDistance,
    UncentredMovementDistance,
    UncentredPoseDistance,
)
from transflower.evaluation.metrics.likelihood import Likelihood
from transflower.evaluation.metrics.moves import Moves
from transflower.evaluation.metrics.multimodality import Multimodality
from transflower.evaluation.metrics.music_swap import MusicSwap
from transflower.evaluation.metrics.phase_lock import HipLock, KinematicLock
from transflower.evaluation.metrics.precision_recall import PrecisionRecall
from transflower.evaluation.metrics.self_contact import SelfContact
from transflower.evaluation.metrics.smoothness import Smoothness

METRICS: tuple[Metric, ...] = (
    Likelihood(),
    MusicSwap(),
    PoseDistance(),
    MovementDistance(),
    AistFrechetDistances(),
    PrecisionRecall(),
    PhysicalFootContact(),
    FootSkate(),
    FloorPenetration(),
    SelfContact(),
    Smoothness(),
    BeatAlignment(),
    HipLock(),
    KinematicLock(),
    AistDiversity(),
    Multimodality(),
    Moves(),
    Drift(),
)
"""Of every report."""

OPTIONAL: dict[str, tuple[Metric, ...]] = {
    "uncentred": (UncentredPoseDistance(), UncentredMovementDistance()),
    "calibration": (
        Coverage(),
        CoverageError(),
        BestTemperature(),
        Crps(),
        EnergyScore(),
        ForecastCoverage(),
    ),
}
"""Flag of ``transflower evaluate`` -> metrics that it adds."""


def chosen(flags: Collection[str]) -> list[Metric]:
    """Those of a report with some flags: metrics of one group follow each other."""
    found = [*METRICS, *(metric for flag, some in OPTIONAL.items() if flag in flags for metric in some)]
    order = list(dict.fromkeys(metric.group for metric in found))
    return sorted(found, key=lambda metric: order.index(metric.group))
