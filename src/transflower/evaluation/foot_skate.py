"""Foot skate: how far feet slide while they are in contact with the floor.

Shape letters: T frames, P points of a foot (ankle, ball, tip).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion.anatomy import points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.contacts import contact_and_slide


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
