"""Diversity of kinetic and geometric features over sequences (Div_k, Div_g).

Shape letters: R draws, K recordings.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial.distance import cdist

from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.sequence_features import KINDS, Kind, scaled_by_reference, whole
from transflower.evaluation.system import Setting, System

Part = Mapping[Kind, Float[np.ndarray, "_ _"]]


class AistDiversity(Metric[Part]):
    """Div_k and Div_g of AIST++: how much sequences differ from each other, whatever their songs are.

    The mean Euclidean distance between the scaled kinetic (Div_k) or geometric (Div_g) features of two sequences, over
    all pairs of samples; the features are those of FID_k and FID_g. A model that is all noise is diverse, too, so the
    value of real dances is best, not the largest one. Papers call larger better.
    """

    source = "Li et al. 2021, AI Choreographer (AIST++)"
    group = "diversity"
    is_biased_by_draws = True
    numbers: ClassVar[Mapping[str, Number]] = {
        "div_k": Number(title="Div_k", better="like real"),
        "div_g": Number(title="Div_g", better="like real"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, Part]:
        """The scaled features of each recording."""
        scaled = {kind: scaled_by_reference(system, setting, whole(kind), kind) for kind in KINDS}
        found = {
            one: {kind: scaled[kind](np.concatenate([whole(kind)(sample) for sample in samples])) for kind in KINDS}
            for one, samples in system.samples.items()
        }
        if sum(len(part["kinetic"]) for part in found.values()) < 2:
            raise NotMeasurable("there is one sequence; diversity needs two")
        return found

    def combine(self, parts: Sequence[Part], system: System, setting: Setting) -> Mapping[str, float]:
        """The mean distances of all sequences."""
        found = self.resample(parts, np.arange(len(parts))[None], system, setting)
        return {key: float(values[0]) for key, values in found.items()}

    def resample(
        self, parts: Sequence[Part], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """The mean distances of all draws, from sums over the pairs of each two recordings."""
        weights = np.stack([np.bincount(row, minlength=len(parts)) for row in drawn]).astype(float)
        counts = weights @ [float(len(part["kinetic"])) for part in parts]
        found = {}
        for key, kind in zip(self.numbers, KINDS, strict=True):
            sums = [cdist(one[kind], other[kind]).sum() for one, other in product(parts, parts)]
            matrix = np.reshape(sums, (len(parts), len(parts)))
            pairs = np.where(counts > 1, counts * (counts - 1), np.nan)
            found[key] = np.einsum("ri,ij,rj->r", weights, matrix, weights) / pairs
        return found
