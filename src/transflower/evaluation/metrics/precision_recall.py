"""Precision, recall, density and coverage.

Shape letters: N real windows, R draws, K recordings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int

from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.neighbours import NEIGHBOURS, neighbourhood
from transflower.evaluation.sequence_features import WINDOW_SECONDS, of_windows, scaled_by_reference
from transflower.evaluation.system import Setting, System


@dataclass(frozen=True, kw_only=True, eq=False)
class NeighboursOfRecording:
    """How the windows of the samples of a recording lie among real ones."""

    windows: int
    precise: int
    """Windows that are in a ball of a real one."""
    balls: int
    """Sum over windows of how many such balls they are in."""
    covered: Bool[np.ndarray, " N"]
    """Whether each real window has one of these in its ball."""
    recalled: Bool[np.ndarray, " N"]
    """Whether each real window is in the ball of one of these."""


class PrecisionRecall(Metric[NeighboursOfRecording]):
    """Precision, recall, density and coverage: whether samples are like real dances, and whether they show all of them.

    Each window of five seconds is a point: its kinetic and geometric features (those of FID_k and FID_g), scaled by
    mean and standard deviation of real windows. Windows follow each other; whole sequences would be too few points. The
    ball of a point reaches to the fifth nearest other point of its set. Precision is the share of the samples' points
    in the ball of any real point, and recall the share of the real points in the ball of any sample's. Both believe
    outliers, whose balls are large. Density is the mean number of real balls that a sample's point is in, divided by
    five; 1 is expected of real dances, and it may be larger. Coverage is the share of the real points whose ball has a
    sample's point in it.

    The numbers depend on how many points there are: compare with the row of real dances. In the bootstrap the balls
    stay as they are. Papers differ in the features: usually those of a network.
    """

    source = "Kynkäänniemi et al. 2019 (precision, recall); Naeem et al. 2020 (density, coverage)"
    group = "distribution"
    is_biased_by_draws = True
    numbers: ClassVar[Mapping[str, Number]] = {
        "precision": Number(title="precision", better="higher", bounds=(0.0, 1.0)),
        "recall": Number(title="recall", better="higher", bounds=(0.0, 1.0)),
        "density": Number(title="density", better="higher"),
        "coverage": Number(title="coverage", better="higher", bounds=(0.0, 1.0)),
        "windows": Number(title="windows"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, NeighboursOfRecording]:
        """How the windows of each recording lie among real ones."""
        rows = {one: np.concatenate([of_windows(sample) for sample in some]) for one, some in system.samples.items()}
        rows = {one: windows for one, windows in rows.items() if len(windows)}
        scaled = scaled_by_reference(system, setting, of_windows, "windows")
        count = sum(map(len, rows.values()))
        for whose, number in (("its samples", count), ("the data", len(scaled.real))):
            if number <= NEIGHBOURS:
                raise NotMeasurable(
                    f"{number} windows of {WINDOW_SECONDS:g} seconds in {whose} are too few; it takes {NEIGHBOURS + 1}"
                )
        found = neighbourhood(scaled.real, scaled(np.concatenate(list(rows.values()))))
        ends = np.cumsum([len(windows) for windows in rows.values()])
        return {
            one: NeighboursOfRecording(
                windows=len(windows),
                precise=int((found.real_balls[part] > 0).sum()),
                balls=int(found.real_balls[part].sum()),
                covered=np.any(found.covers[part], axis=0),
                recalled=np.any(found.recalls[part], axis=0),
            )
            for (one, windows), end in zip(rows.items(), ends, strict=True)
            for part in [slice(end - len(windows), end)]
        }

    def combine(self, parts: Sequence[NeighboursOfRecording], system: System, setting: Setting) -> Mapping[str, float]:
        """The numbers of some recordings, and how many windows they have."""
        found = self.resample(parts, np.arange(len(parts))[None], system, setting)
        values = {key: float(one[0]) for key, one in found.items()}
        return values | {"windows": float(sum(part.windows for part in parts))}

    def resample(
        self, parts: Sequence[NeighboursOfRecording], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """The numbers of all draws at once; a count has no interval."""
        weights = np.stack([np.bincount(row, minlength=len(parts)) for row in drawn]).astype(float)
        windows = weights @ [part.windows for part in parts]
        return {
            "precision": weights @ [part.precise for part in parts] / windows,
            "recall": (weights @ np.stack([part.recalled for part in parts]) > 0).mean(axis=1),
            "density": weights @ [part.balls for part in parts] / windows / NEIGHBOURS,
            "coverage": (weights @ np.stack([part.covered for part in parts]) > 0).mean(axis=1),
            "windows": np.full(len(drawn), np.nan),
        }
