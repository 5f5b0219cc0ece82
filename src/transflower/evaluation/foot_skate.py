"""Foot skate: how far feet slide while they are in contact with the floor.

Shape letters: T frames, N feet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import uniform_filter1d

from transflower.core.errors import DataError
from transflower.motion.anatomy import points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.contacts import CONTACT_HEIGHT, contact_and_slide

SKATING_SPEED = 0.5
"""Metres per second along the floor at which a foot skates; 2.5 cm a frame at the 20 frames a second of GMD."""
_SKATING_SECONDS = 0.25
"""Five frames of GMD."""


@dataclass(frozen=True, kw_only=True)
class FootMetrics:
    """Contact and slide of all feet of a clip."""

    skate: float
    """Metres of slide along the floor per second of contact, averaged over feet; NaN without any contact."""
    contact: float
    """Share of frames in which at least one foot is in contact."""


def foot_metrics(feet: Sequence[Float[np.ndarray, "T _ 3"]], fps: float, *, floor: float | None = None) -> FootMetrics:
    """Contact and slide of feet, each given by the world positions of its points.

    Args:
        feet: one array a foot.
        fps: frames per second.
        floor: height of the floor; by default the usual lowest height of each point.

    Raises:
        DataError: no feet, or fewer than two frames.
    """
    if not feet or any(len(foot) < 2 for foot in feet):
        raise DataError("foot contact needs at least one foot and two frames")
    contacts, slides = zip(*(contact_and_slide(np.asarray(foot, np.float64), fps, floor) for foot in feet), strict=True)
    contact, slide = np.stack(contacts), np.stack(slides)
    skate = float(slide[contact].mean()) if contact.any() else float("nan")
    return FootMetrics(skate=skate, contact=float(contact.any(axis=0).mean()))


def clip_foot_metrics(clip: Clip, *, floor: float | None = None) -> FootMetrics:
    """``foot_metrics`` of the legs found in a clip.

    Raises:
        DataError: the skeleton has no legs, or the clip fewer than two frames.
    """
    positions = points(clip)
    legs = read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0)).legs
    return foot_metrics([positions[:, leg.extremity] for leg in legs], clip.fps, floor=floor)


def skating_ratio(toes: Float[np.ndarray, "T N 3"], fps: float) -> float:
    """Share of the steps from frame to frame in which a foot skates, as GMD defines it.

    A foot skates where its toes are within 5 cm of their usual lowest height in both frames, and move along the floor
    by more than 0.5 m/s both in this step and in the mean over a quarter of a second around it.

    Raises:
        DataError: fewer than two frames.
    """
    if len(toes) < 2:
        raise DataError("skating needs at least two frames")
    toes = np.asarray(toes, np.float64)
    heights = toes[..., 1] - np.percentile(toes[..., 1], 5, axis=0)
    speed = np.linalg.norm(np.diff(toes, axis=0)[..., [0, 2]], axis=-1) * fps
    around = uniform_filter1d(speed, 2 * round(_SKATING_SECONDS * fps / 2 - 0.5) + 1, axis=0, mode="constant")
    is_low = (heights[1:] < CONTACT_HEIGHT) & (heights[:-1] < CONTACT_HEIGHT)
    skates = is_low & (speed > SKATING_SPEED) & (around > SKATING_SPEED)
    return float(skates.any(axis=1).mean())
