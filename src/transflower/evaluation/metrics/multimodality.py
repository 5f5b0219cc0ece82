"""Multimodality: how much samples for the same song differ."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from scipy.spatial.distance import pdist

from transflower.evaluation.diversity import diversity
from transflower.evaluation.metric import MeansOfRecordings, NotMeasurable, Number
from transflower.evaluation.sequence_features import KINDS, scaled_by_reference, whole
from transflower.evaluation.system import Setting, System


class Multimodality(MeansOfRecordings):
    """Multimodality: how much samples for the same song differ from each other.

    The mean Euclidean distance between the scaled kinetic and geometric features (those of FID_k and FID_g, as one row)
    of two samples for one song, over all pairs, and over songs. A model that ignores its noise has 0. It has no best
    value: compare with Div_k and Div_g, the distances between samples for different songs. MDM, after which it is
    named, takes features of a network for motion of the same text, and draws pairs at random.

    The distance of samples frame by frame is the root mean square difference over columns, in standard deviations of
    the data, averaged over frames, pairs and songs: about 1.41 for unrelated dances, 0 for equal ones. It counts a
    dance that is a beat later as another one.
    """

    source = "Guo et al. 2020; the convention of Tevet et al. 2023, MDM"
    group = "diversity"
    numbers: ClassVar[Mapping[str, Number]] = {
        "multimodality": Number(title="multimodality"),
        "sample_distance": Number(title="distance of samples, frame by frame"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Mean distances between the samples of each recording that has several."""
        several = {one: samples for one, samples in system.samples.items() if len(samples) > 1}
        if not several:
            raise NotMeasurable("it has one sample of each recording; multimodality takes two")
        found = {}
        for one, samples in several.items():
            frames = min(len(sample.rows) for sample in samples)
            rows = np.stack([setting.standardised(np.asarray(sample.rows[:frames], float)) for sample in samples])
            found[one] = {"multimodality": float("nan"), "sample_distance": diversity(rows)}
            if all(sample.clip is not None for sample in samples):
                scaled = {kind: scaled_by_reference(system, setting, whole(kind), kind) for kind in KINDS}
                features = [
                    np.concatenate([scaled[kind](whole(kind)(sample))[0] for kind in KINDS]) for sample in samples
                ]
                found[one]["multimodality"] = float(pdist(np.stack(features)).mean())
        return found
