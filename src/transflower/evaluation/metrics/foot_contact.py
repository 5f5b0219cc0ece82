"""Physical foot contact (PFC)."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from transflower.evaluation.foot_contact import physical_foot_contact
from transflower.evaluation.landmarks import clip_of, landmarks
from transflower.evaluation.metric import MeanMetric, Number
from transflower.evaluation.system import Sample, Setting
from transflower.motion.humanoid.bones import SIDES


class PhysicalFootContact(MeanMetric):
    """Physical foot contact (PFC): whether the body is accelerated while no foot stands.

    The mean over frames of a x l x r, times 10,000. Here a is the norm of the acceleration of the hips, its downward
    part cut, divided by its largest value in the sequence; l and r are the horizontal speeds of the left and the right
    foot, of ankle or toes, whichever is slower, in metres a frame. It is computed at 30 frames a second over windows of
    five seconds, for which it was published: the largest value, by which it is divided, grows with the length.

    It is low where a foot stands whenever the body is pushed, but also where the whole body hardly moves: a frozen
    dance has 0. Real dances have the value to compare with. Papers that compute it at 60 frames a second get a quarter.
    """

    source = "Tseng et al. 2023, EDGE"
    group = "body"
    numbers: ClassVar[Mapping[str, Number]] = {"pfc": Number(title="PFC", better="like real")}

    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """That of one sample."""
        points = landmarks(sample)
        feet = np.stack([[points[f"{side}{name}"] for name in ("Foot", "Toes")] for side in SIDES])
        return {"pfc": physical_foot_contact(points["hips"], feet.transpose(2, 0, 1, 3), clip_of(sample).fps)}
