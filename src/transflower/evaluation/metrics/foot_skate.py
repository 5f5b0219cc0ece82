"""Skating feet: how often and how far standing feet slide."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from transflower.evaluation.foot_skate import clip_foot_metrics, skating_ratio
from transflower.evaluation.landmarks import clip_of, landmarks
from transflower.evaluation.metric import MeanMetric, NotMeasurable, Number
from transflower.evaluation.system import Sample, Setting
from transflower.motion.humanoid.bones import SIDES


class FootSkate(MeanMetric):
    """Foot skate: how often and how far feet slide that stand on the floor.

    The skating ratio is that of GMD: the share of the frames in which a foot whose toes are within 5 cm of the floor in
    this frame and the next moves along it by more than 0.5 m/s, both in this step and in the mean over a quarter of a
    second around it. Published code counts 2.5 cm a frame at 20 frames a second, which is the same speed. The floor is
    where the toes usually are when they are lowest, so that floating bodies are measured, too. Feet that swing low
    count as skating: in real salsa they do in a fifth of the frames.

    The slide is how many centimetres a second the point of a foot that stands stillest moves along the floor, over the
    frames in which the foot is in contact: a point of it is within 5 cm of its usual lowest height and slower than
    0.8 m/s. Contact is the share of the frames in which a foot is. Turning on the ball of a foot is no slide.
    """

    source = "Karunratanakul et al. 2023, GMD, for the skating ratio; the slide is our own"
    group = "body"
    numbers: ClassVar[Mapping[str, Number]] = {
        "skating_ratio": Number(title="foot skating (share)", better="like real"),
        "slide": Number(title="slide of standing feet (cm/s)", better="lower"),
        "contact": Number(title="a foot stands (share)", better="like real"),
    }

    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """Those of one sample."""
        clip, points = clip_of(sample), landmarks(sample)
        if clip.num_frames < 2:
            raise NotMeasurable("one frame is too few for feet that slide")
        toes = np.stack([points[f"{side}Toes"] for side in SIDES], axis=1)
        found = clip_foot_metrics(clip)
        return {
            "skating_ratio": skating_ratio(toes, clip.fps),
            "slide": 100 * found.skate,
            "contact": found.contact,
        }
