"""Learning curves of runs, as their ``metrics.jsonl`` hold them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transflower.evaluation.metric import Better, Number
from transflower.reports.run_metrics import METRICS_FILE, is_number, read_metrics

_MOST_POINTS = 400
"""Of a curve: more than a screen shows."""
_TRAINING = "training batches"
_PANELS: Sequence[tuple[str, Better, Mapping[str, str]]] = (
    ("held-out likelihood (nats/dim)", "lower", {"val/nll": "", "train/nll": _TRAINING}),
    ("held-out squared error", "lower", {"val/mse": "", "train/mse": _TRAINING}),
    ("pose distance of samples", "lower", {"rollout/pose_distance": ""}),
    ("movement distance of samples", "lower", {"rollout/movement_distance": ""}),
    ("spread of samples, by that of the data", "like real", {"rollout/std": ""}),
    ("jitter of samples, by that of the data", "like real", {"rollout/jitter": ""}),
)
"""Title, direction, and key -> what it is measured on, where that is not held-out data."""

_OTHERS = ("drift", "frozen", "jitter", "std")
"""Keys under which a training has statistics of its own."""


@dataclass(frozen=True, kw_only=True)
class LearningCurve:
    """A metric of one run while it was trained."""

    name: str
    """Of the system."""
    of: str
    """What it is measured on, where that is not held-out data."""
    steps: Sequence[float]
    minutes: Sequence[float]
    """Of training."""
    values: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class LearningPanel:
    """One metric of all runs."""

    title: str
    better: Better
    curves: Sequence[LearningCurve]


def learning_panels(
    runs: Mapping[str, Path | None], output: str, columns: Mapping[str, Number]
) -> Sequence[LearningPanel]:
    """The curves of all runs that have some, metric by metric.

    Args:
        runs: name of a system -> the folder of its run.
        output: whose samples are shown, where several are drawn.
        columns: numbers of the report; a training that measured them gets a panel for each.

    Raises:
        FormatError: a file cannot be read.
    """
    entries = {name: read_metrics(folder / METRICS_FILE) for name, folder in runs.items() if folder is not None}
    measured: list[tuple[str, Better, Mapping[str, str]]] = [
        (number.title, number.better, {f"rollout/{key}": ""}) for key, number in columns.items() if key not in _OTHERS
    ]
    found = []
    for title, better, keys in (*_PANELS, *measured):
        curves = [_curve(name, lines, key, of, output) for key, of in keys.items() for name, lines in entries.items()]
        known = [curve for curve in curves if len(curve.values) > 1]
        if any(not curve.of for curve in known):
            found.append(LearningPanel(title=title, better=better, curves=known))
    return found


def _curve(name: str, lines: Sequence[Mapping[str, Any]], key: str, of: str, output: str) -> LearningCurve:
    kind, _, rest = key.partition("/")
    keys = (key, f"{kind}/{output}/{rest}")
    points = [
        (float(line["step"]), float(line["minutes"]) if is_number(line.get("minutes")) else math.nan, float(line[one]))
        for line in lines
        for one in keys
        if is_number(line.get(one))
    ]
    points = points[:: math.ceil(len(points) / _MOST_POINTS) or 1]
    steps, minutes, values = zip(*points, strict=True) if points else ((), (), ())
    return LearningCurve(name=name, of=of, steps=steps, minutes=minutes, values=values)
