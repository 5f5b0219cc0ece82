"""Metrics of a report of what is drawn while training: of bodies, and of their beats.

Shape letters: S samples, T frames, D columns, B beats.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.errors import TransflowerError
from transflower.evaluation.metric import Metric, NotMeasurable
from transflower.evaluation.metrics.foot_skate import FootSkate
from transflower.evaluation.metrics.phase_lock import HipLock
from transflower.evaluation.metrics.smoothness import Smoothness
from transflower.evaluation.system import Sample, Setting, System
from transflower.features.audio.beat_times import described_beats
from transflower.features.motion.codec import decode_motion
from transflower.features.sidecar import MotionSidecar, sidecar_from_dict

METRICS: tuple[Metric, ...] = (FootSkate(), Smoothness(), HipLock())
"""Those that are quick: a training validates often."""
_BEAT = "beat"
_LIKE_DATA = {"std", "std_first", "std_last", "std_slow", "jitter", "frozen", "frozen_data"}
"""Statistics of samples beside the data."""


def metric_name(output: str | None, metric: Metric, key: str) -> str:
    """As in ``metrics.jsonl``: ``rollout/body/slide``; with the output where there are several."""
    return "/".join(["rollout", *([] if output is None else [output]), metric.group, key])


def is_better_higher(name: str) -> bool | None:
    """Which values of a metric of samples are good; None where it is neither lower nor higher ones.

    Example:
        >>> is_better_higher("rollout/body/slide"), is_better_higher("rollout/body/jerk")
        (False, None)
    """
    if name.startswith("rollout/") and name.rpartition("/")[2] in _LIKE_DATA:
        return None
    for metric in METRICS:
        for key, number in metric.numbers.items():
            if name.endswith(f"/{metric.group}/{key}"):
                return {"lower": False, "higher": True}.get(number.better)
    return False


class SampleMetrics:
    """Measures samples of outputs that are motion; of others there is nothing."""

    def __init__(self, outputs: Sequence[str], sidecars: Mapping[str, Mapping[str, Any] | None]) -> None:
        """``outputs`` are all continuous ones."""
        self._is_single = len(outputs) == 1
        self._motion = {name: found for name in outputs if (found := _motion_sidecar(sidecars.get(name)))}
        self._sidecars = sidecars

    def names(self, inputs: Sequence[Mapping[str, np.ndarray]]) -> list[str]:
        """What can be measured of samples that are long enough."""
        has_beats = bool(self._all_beats(inputs))
        return [
            metric_name(None if self._is_single else output, metric, key)
            for output in self._motion
            for metric in METRICS
            if has_beats or metric.group != _BEAT
            for key in metric.numbers
        ]

    def measure(
        self, drawn: Mapping[str, Sequence[Float[np.ndarray, "S T D"]]], inputs: Sequence[Mapping[str, np.ndarray]]
    ) -> dict[str, float]:
        """Means over the samples of several sequences, of the metrics that they have; ``inputs`` are what was given."""
        beats = self._all_beats(inputs)
        return {
            name: value
            for output, sidecar in self._motion.items()
            for name, value in self._measure(output, sidecar, drawn[output], beats).items()
        }

    def _measure(
        self,
        output: str,
        sidecar: MotionSidecar,
        drawn: Sequence[Float[np.ndarray, "S T D"]],
        beats: Mapping[str, Float[np.ndarray, " B"]],
    ) -> dict[str, float]:
        try:
            samples = {
                str(index): [Sample(id=str(index), rows=rows, clip=decode_motion(rows, sidecar)) for rows in some]
                for index, some in enumerate(drawn)
            }
        except TransflowerError:  # What has diverged is no motion.
            return {}
        columns = drawn[0].shape[-1]
        setting = Setting(
            data=Path(),
            output=output,
            fps=sidecar.fps,
            ids=tuple(samples),
            real={},
            reference={},
            moments=(np.zeros(columns), np.ones(columns)),
            beats=beats,
        )
        system = System(name=output, samples=samples)
        found: dict[str, float] = {}
        for metric in METRICS:
            try:
                parts = list(metric.parts(system, setting).values())
            except NotMeasurable:
                continue
            values = metric.combine(parts, system, setting)
            found |= {metric_name(None if self._is_single else output, metric, key): values[key] for key in values}
        return {name: value for name, value in found.items() if np.isfinite(value)}

    def _all_beats(self, inputs: Sequence[Mapping[str, np.ndarray]]) -> dict[str, Float[np.ndarray, " B"]]:
        found = {str(index): self._beats(given) for index, given in enumerate(inputs)}
        return {index: beats for index, beats in found.items() if len(beats) > 1}

    def _beats(self, inputs: Mapping[str, np.ndarray]) -> Float[np.ndarray, " B"]:
        """Seconds of the beats that a condition holds, from the first frame of the samples on."""
        for name, rows in inputs.items():
            heard = described_beats(self._sidecars.get(name), rows)
            if heard is not None:
                return heard.times if heard.is_heard else np.zeros(0)
        return np.zeros(0)


def _motion_sidecar(tree: Mapping[str, Any] | None) -> MotionSidecar | None:
    if not tree or tree.get("kind") != "motion":
        return None
    found = sidecar_from_dict(dict(tree), "motion")
    return found if isinstance(found, MotionSidecar) and found.root_frame == "own" else None
