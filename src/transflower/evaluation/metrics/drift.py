"""Drift: what long samples become.

Shape letters: R draws, K recordings.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from transflower.evaluation.drift import Minute, minutes, statistics
from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.metrics.frechet import PoseDistance
from transflower.evaluation.system import Setting, System

Part = Sequence[Minute]


class Drift(Metric[Part]):
    """Drift: what the last minute of samples of several minutes has more than the first.

    Of each minute there are four numbers: the Fréchet distance of its poses from real ones (see FPD), the spread of the
    poses (the standard deviation over frames, in those of the data, averaged over columns), the slide of standing feet
    and the share of frozen frames. The metric is the number of the last whole minute minus that of the first: 0 where a
    model goes on as it began. A model that drifts away has ever more spread and distance, one that dies down ever less
    spread and more frozen frames.
    """

    source = "our own"
    group = "drift"
    numbers: ClassVar[Mapping[str, Number]] = {
        "drift_pose_distance": Number(title="more FPD in the last minute", better="lower"),
        "drift_spread": Number(title="more spread in the last minute"),
        "drift_slide": Number(title="more slide in the last minute (cm/s)", better="lower"),
        "drift_frozen": Number(title="more frozen in the last minute (share)", better="lower"),
        "drift_minutes": Number(title="minutes"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, Part]:
        """The minutes of each recording, as many as all have."""
        if not system.long:
            raise NotMeasurable("it has no long samples")
        found = {one: minutes(samples, setting) for one, samples in system.long.items()}
        count = min(map(len, found.values()))
        if count < 2:
            raise NotMeasurable("its long samples have fewer than two whole minutes")
        PoseDistance().check_real(system, setting)
        return {one: some[:count] for one, some in found.items()}

    def combine(self, parts: Sequence[Part], system: System, setting: Setting) -> Mapping[str, float]:
        """What has changed over all recordings."""
        found = self.resample(parts, np.arange(len(parts))[None], system, setting)
        return {key: float(values[0]) for key, values in found.items()} | {"drift_minutes": float(len(parts[0]))}

    def resample(
        self, parts: Sequence[Part], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """What has changed in all draws; a count has no interval."""
        reference = PoseDistance().reference(system, setting)
        first, last = (statistics([part[index] for part in parts], drawn, reference) for index in (0, -1))
        return {
            "drift_pose_distance": last.pose_distance - first.pose_distance,
            "drift_spread": last.spread - first.spread,
            "drift_slide": last.slide - first.slide,
            "drift_frozen": last.frozen - first.frozen,
            "drift_minutes": np.full(len(drawn), np.nan),
        }
