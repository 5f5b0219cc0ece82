"""Floor penetration: how far bodies are under the floor."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import MeanMetric, Number
from transflower.evaluation.system import Sample, Setting
from transflower.motion.anatomy import points

LEAST_METRES = 0.01
"""Less than that is no penetration: the floor of a recording is not known better."""


class FloorPenetration(MeanMetric):
    """Floor penetration: how often, and how far, a joint or the tip of a limb is below the floor.

    The share of the frames in which the lowest of them is more than 1 cm below the floor, and the mean over all frames
    of how far it is below, in centimetres, 0 where it is not. The floor is at height 0, where reading motion puts it.
    Bones have no thickness here; papers that take the vertices of a body mesh get larger values. Real recordings have
    some centimetres at moments, where toes bend or the floor was not level.
    """

    source = "Yuan et al. 2023, PhysDiff"
    group = "body"
    numbers: ClassVar[Mapping[str, Number]] = {
        "floor_share": Number(title="below the floor (share)", better="lower"),
        "floor_depth": Number(title="below the floor (cm)", better="lower"),
    }

    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """Those of one sample."""
        depth = -points(clip_of(sample))[..., 1].min(axis=1)
        return {"floor_share": float(np.mean(depth > LEAST_METRES)), "floor_depth": 100 * float(depth.clip(0).mean())}
