"""Self-contact: limbs inside the body."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import MeanMetric, Number
from transflower.evaluation.self_contact import contact_depth
from transflower.evaluation.system import Sample, Setting

LEAST_METRES = 0.03
"""As deep is no touch any more: the shape of the body is not known better."""


class SelfContact(MeanMetric):
    """Body self-contact: how often, and how deep, an arm or a leg is inside another part of the same body.

    The body is that of the films: rounded cones around the bones, whose sizes follow the length of the skeleton.
    Compared are forearms and hands with trunk, head, legs and the other arm, and shins and feet with the other leg. The
    share is that of the frames in which one is more than 3 cm inside another; the depth is the mean over all frames of
    the deepest, in centimetres, 0 where none is. Real recordings on a common skeleton have some: people touch
    themselves, and have other proportions.
    """

    source = "our own; COAP (Mihajlovic et al. 2022) measures the same of meshes"
    group = "body"
    numbers: ClassVar[Mapping[str, Number]] = {
        "self_contact_share": Number(title="limb inside the body (share)", better="like real"),
        "self_contact_depth": Number(title="limb inside the body (cm)", better="like real"),
    }

    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """Those of one sample."""
        depth = contact_depth(clip_of(sample))
        return {
            "self_contact_share": float(np.mean(depth > LEAST_METRES)),
            "self_contact_depth": 100 * float(depth.mean()),
        }
