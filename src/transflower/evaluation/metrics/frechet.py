"""Fréchet distances of poses and of movements (FPD, FMD), centred and uncentred.

Shape letters: T frames, D, C columns, K parts, R draws.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from transflower.evaluation.frechet import FrechetReference, RowSums, movements
from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.system import Sample, Samples, Setting, System


class FrechetMetric(Metric[RowSums]):
    """A Fréchet distance of rows that are made of the frames of samples."""

    group = "distribution"
    is_biased_by_draws = True
    centred: ClassVar[bool] = True
    """Whether covariances are centred."""

    @abstractmethod
    def rows(self, frames: Float[np.ndarray, "T D"]) -> Float[np.ndarray, "_ C"]:
        """What is compared, of the standardised frames of one sample."""

    def parts(self, system: System, setting: Setting) -> Mapping[str, RowSums]:
        """Sums of the rows of each recording."""
        found = {one: self._sums(samples, setting) for one, samples in system.samples.items()}
        if not found:
            raise NotMeasurable("there are no samples")
        _check("its samples", RowSums.joined(found.values()))
        self.check_real(system, setting)
        return found

    def combine(self, parts: Sequence[RowSums], system: System, setting: Setting) -> Mapping[str, float]:
        """The distance of all rows together, and how many they are."""
        distance, frames = self.numbers
        joined = RowSums.joined(parts)
        return {distance: self.reference(system, setting).distance(joined), frames: float(joined.count)}

    def resample(
        self, parts: Sequence[RowSums], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """The distances of sums of parts; a count has no interval."""
        distance, frames = self.numbers
        found = self.reference(system, setting).distances(parts, drawn)
        return {distance: found, frames: np.full(len(drawn), np.nan)}

    def check_real(self, system: System, setting: Setting) -> None:
        """Refuse data that have too few frames.

        Raises:
            NotMeasurable: they have.
        """
        _check("the data", self._real(system, setting))

    def reference(self, system: System, setting: Setting) -> FrechetReference:
        """The Gaussian of what a system is compared with."""

        def fitted(reference: Samples) -> FrechetReference:
            return FrechetReference(self._real(system, setting), centred=self.centred)

        return setting.of_reference(system, (FrechetReference, self.rows.__qualname__, self.centred), fitted)

    def _sums(self, samples: Sequence[Sample], setting: Setting) -> RowSums:
        rows = (self.rows(setting.standardised(np.asarray(sample.rows, np.float64))) for sample in samples)
        return RowSums.joined(map(RowSums.of, rows))

    def _real(self, system: System, setting: Setting) -> RowSums:
        def joined(reference: Samples) -> RowSums:
            return RowSums.joined(self._sums(samples, setting) for samples in reference.values())

        # Centred and uncentred distances share the sums.
        return setting.of_reference(system, ("row sums", self.rows.__qualname__), joined)


class PoseDistance(FrechetMetric):
    """Fréchet pose distance (FPD): whether single poses are distributed as real ones.

    One Gaussian is fitted to all frames of the samples and one to all frames of the data, and the squared Fréchet
    distance of the two is |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), with means m and covariances C. Columns are the
    features of the motion, each in standard deviations of the training split; columns that do not vary there are left
    out. Poses are taken at the frame rate of the report, which hardly matters here. Fewer frames give larger distances,
    so their number is stated; compare with the row of real dances at the same number.

    Papers differ: the 2021 paper takes second moments around zero instead of covariances (see the uncentred distances),
    and most dance papers take features of whole sequences (see FID_k and FID_g).
    """

    source = "Valle-Pérez et al. 2021, Transflower; Heusel et al. 2017 for the distance"
    numbers: ClassVar[Mapping[str, Number]] = {
        "fpd": Number(title="FPD", better="lower"),
        "fpd_frames": Number(title="frames"),
    }

    def rows(self, frames: Float[np.ndarray, "T D"]) -> Float[np.ndarray, "_ C"]:
        """The frames."""
        return frames


class MovementDistance(FrechetMetric):
    """Fréchet movement distance (FMD): whether short movements are distributed as real ones.

    The Fréchet distance, as FPD, of rows that hold three consecutive poses each, at every frame. Jitter and wrong speed
    show here and not in FPD. It depends on the frame rate: at 30 frames a second a row spans 67 milliseconds, at the 20
    of the 2021 paper it spans 100. A row has three times the columns of a pose, so more frames are needed.
    """

    source = "Valle-Pérez et al. 2021, Transflower"
    numbers: ClassVar[Mapping[str, Number]] = {
        "fmd": Number(title="FMD", better="lower"),
        "fmd_frames": Number(title="triples of frames"),
    }

    def rows(self, frames: Float[np.ndarray, "T D"]) -> Float[np.ndarray, "_ C"]:
        """Three consecutive frames as one row."""
        return movements(frames)


class UncentredPoseDistance(PoseDistance):
    """Uncentred FPD: the pose distance with second moments around zero in place of covariances.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), where S is the mean of x x^T, as the script of the 2021 paper computes
    it. Means count twice, which is not the distance of Gaussians. It is there to compare with published numbers alone;
    these are of features that were not standardised as here, so only their order can be compared.
    """

    source = "the published code of Valle-Pérez et al. 2021"
    centred = False
    numbers: ClassVar[Mapping[str, Number]] = {
        "fpd_uncentred": Number(title="FPD uncentred", better="lower"),
        "fpd_uncentred_frames": Number(title="frames, uncentred"),
    }


class UncentredMovementDistance(MovementDistance):
    """Uncentred FMD: the movement distance with second moments around zero in place of covariances.

    See the uncentred FPD.
    """

    source = "the published code of Valle-Pérez et al. 2021"
    centred = False
    numbers: ClassVar[Mapping[str, Number]] = {
        "fmd_uncentred": Number(title="FMD uncentred", better="lower"),
        "fmd_uncentred_frames": Number(title="triples of frames, uncentred"),
    }


def _check(whose: str, sums: RowSums) -> None:
    columns = len(sums.total)
    if not np.isfinite(sums.total).all():
        raise NotMeasurable(f"{whose} hold values that are not finite")
    if sums.count <= columns:
        raise NotMeasurable(f"{sums.count} frames of {whose} are too few for a covariance of {columns} columns")
