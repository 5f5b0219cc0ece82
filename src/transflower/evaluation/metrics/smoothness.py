"""Jerk and freezing: motion that trembles, and motion that stops."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from transflower.evaluation.freezing import frozen_share
from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import MeanMetric, NotMeasurable, Number
from transflower.evaluation.system import Sample, Setting

_FEWEST_FRAMES = 4


class Smoothness(MeanMetric):
    """Jerk, speed and freezing: whether a body trembles, and whether it stops.

    Jerk is the mean over frames and joints of the norm of the third derivative of positions, by differences of four
    frames, in metres per second cubed. Trembling has a large jerk, floating a small one. It grows with the frame rate
    where recordings are noisy, so only numbers at one rate can be compared; this is that of the report. The speed of
    the joints is the mean over frames and joints, in metres per second. Frozen is the share of the frames in which the
    mean speed of all joints is below 3 cm/s.
    """

    source = "Yi et al. 2021, TransPose, for the jerk; freezing is our own"
    group = "body"
    numbers: ClassVar[Mapping[str, Number]] = {
        "jerk": Number(title="jerk (m/s^3)", better="like real"),
        "speed": Number(title="speed of joints (m/s)", better="like real"),
        "frozen": Number(title="frozen (share)", better="like real"),
    }

    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """Those of one sample."""
        fps, positions = clip_of(sample).fps, sample.positions
        if len(positions) < _FEWEST_FRAMES:
            raise NotMeasurable(f"{len(positions)} frames are too few for jerk; it takes {_FEWEST_FRAMES}")
        return {
            "jerk": float(np.linalg.norm(np.diff(positions, n=3, axis=0), axis=-1).mean()) * fps**3,
            "speed": float(np.linalg.norm(np.diff(positions, axis=0), axis=-1).mean()) * fps,
            "frozen": frozen_share(positions, fps),
        }
