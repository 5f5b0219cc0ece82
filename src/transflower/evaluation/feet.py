"""Do feet that carry weight hold the floor?

Shape letters: T frames, P points of a foot (ankle, ball, tip).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from transflower.core.errors import DataError
from transflower.motion.anatomy import points, read_anatomy
from transflower.motion.clip import Clip

CONTACT_HEIGHT = 0.05
"""A point nearer to the floor than this, in metres, may carry weight."""
CONTACT_SPEED = 0.8
"""A foot that is slower than this, in metres per second, may carry weight; a swinging one is much faster."""


@dataclass(frozen=True, kw_only=True)
class FootFigures:
    """Contact and slide of all feet of a clip."""

    skate: float
    """Metres of slide along the floor per second of contact, averaged over feet; NaN without any contact."""
    contact: float
    """Share of frames in which at least one foot is in contact."""


def foot_figures(feet: Sequence[Float[np.ndarray, "T P 3"]], fps: float, *, floor: float | None = None) -> FootFigures:
    """Contact and slide of feet, each given by the world positions of its points.

    Args:
        feet: one array a foot.
        fps: frames per second.
        floor: height of the floor; by default every point is measured from its own usual lowest height, so that it
            does not matter how high the joints lie inside the foot.

    Raises:
        DataError: no feet, or fewer than two frames.
    """
    if not feet or any(len(foot) < 2 for foot in feet):
        raise DataError("foot contact needs at least one foot and two frames")
    contacts, slides = zip(
        *(_contact_and_slide(np.asarray(foot, np.float64), fps, floor) for foot in feet), strict=True
    )
    contact, slide = np.stack(contacts), np.stack(slides)
    skate = float(slide[contact].mean()) if contact.any() else float("nan")
    return FootFigures(skate=skate, contact=float(contact.any(axis=0).mean()))


def clip_foot_figures(clip: Clip, *, floor: float | None = None) -> FootFigures:
    """``foot_figures`` of the legs found in a clip.

    Raises:
        DataError: the skeleton has no legs, or the clip fewer than two frames.
    """
    positions = points(clip)
    legs = read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0)).legs
    return foot_figures([positions[:, leg.extremity] for leg in legs], clip.fps, floor=floor)


def _contact_and_slide(
    foot: Float[np.ndarray, "T P 3"], fps: float, floor: float | None
) -> tuple[Bool[np.ndarray, " T-1"], Float[np.ndarray, " T-1"]]:
    """Whether the foot carries weight between two frames, and how fast it then slides."""
    heights = foot[..., 1] - (np.percentile(foot[..., 1], 5, axis=0) if floor is None else floor)
    is_low = np.minimum(heights[1:], heights[:-1]) < CONTACT_HEIGHT
    velocity = np.diff(foot, axis=0) * fps
    # A foot that turns on its ball or its heel does not slide: its slowest low point tells.
    speed = np.where(is_low, np.linalg.norm(velocity, axis=-1), np.inf)
    slide = np.where(is_low, np.linalg.norm(velocity[..., [0, 2]], axis=-1), np.inf)
    return speed.min(axis=1) < CONTACT_SPEED, slide.min(axis=1)
