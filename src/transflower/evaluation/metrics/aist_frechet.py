"""Fréchet distances of kinetic and geometric features of sequences (FID_k, FID_g).

Shape letters: R draws, K recordings.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from transflower.evaluation.frechet import FrechetReference, RowSums
from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.sequence_features import KINDS, Kind, scaled_by_reference, whole
from transflower.evaluation.system import Setting, System

Part = Mapping[Kind, RowSums]


class AistFrechetDistances(Metric[Part]):
    """FID_k and FID_g of AIST++: whether whole sequences move as real ones do.

    Of each sequence, kinetic features are means over time of the squared horizontal speed, the squared vertical speed
    and the norm of the acceleration of each joint, three for each joint of the skeleton (72 for the 24 of SMPL, 66 for
    22). Geometric features are the shares of the frames in which 32 relations of joints hold, such as a hand above the
    neck or a bent knee. Both are computed at 60 frames a second, between whose frames 30 are brought by splines. They
    are scaled by mean and standard deviation of those of the data; features that never vary there are left out. The
    distance is |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of the features of all sequences.

    There are usually fewer sequences than features, so that the covariances are singular. The published code computes
    its matrix root all the same, and so does this, by eigenvalues, which exist. The number then depends strongly on the
    number of sequences, which is stated: compare with the row of real dances, never with numbers of a paper whose
    number of sequences differs. It depends on the length of the sequences, too.

    Papers differ: AIST++ compares with 40 dances of its test split, many later papers with all data; several compute it
    at 30 frames a second and leave its constants for 60. The released code counts the speeds of geometric features
    twice as fast as they are, names 33 relations and has 32, two of which never hold; this follows the code. Lengths of
    the body are those of its own skeleton, where the code has constants of the mean SMPL body.
    """

    source = "Li et al. 2021, AI Choreographer (AIST++); Onuma et al. 2008; Müller et al. 2005"
    group = "distribution"
    is_biased_by_draws = True
    numbers: ClassVar[Mapping[str, Number]] = {
        "fid_k": Number(title="FID_k", better="lower"),
        "fid_g": Number(title="FID_g", better="lower"),
        "fid_sequences": Number(title="sequences"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, Part]:
        """Sums of the scaled features of each recording."""
        found: dict[str, Part] = {}
        for one, samples in system.samples.items():
            sums: dict[Kind, RowSums] = {}
            for kind in KINDS:
                scaled = scaled_by_reference(system, setting, whole(kind), kind)
                sums[kind] = RowSums.of(scaled(np.concatenate([whole(kind)(sample) for sample in samples])))
            found[one] = sums
        count = _count(list(found.values()))
        if count < 2:
            raise NotMeasurable(f"{count} sequences are too few for a covariance; two are needed")
        return found

    def combine(self, parts: Sequence[Part], system: System, setting: Setting) -> Mapping[str, float]:
        """The distances of all sequences together, and how many they are."""
        found = self.resample(parts, np.arange(len(parts))[None], system, setting)
        return {key: float(values[0]) for key, values in found.items()} | {"fid_sequences": float(_count(parts))}

    def resample(
        self, parts: Sequence[Part], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """The distances of all draws; a count has no interval."""
        found = {"fid_sequences": np.full(len(drawn), np.nan)}
        for key, kind in zip(("fid_k", "fid_g"), KINDS, strict=True):
            real = scaled_by_reference(system, setting, whole(kind), kind).real
            found[key] = FrechetReference(RowSums.of(real)).distances([part[kind] for part in parts], drawn)
        return found


def _count(parts: Sequence[Part]) -> int:
    return sum(part["kinetic"].count for part in parts)
