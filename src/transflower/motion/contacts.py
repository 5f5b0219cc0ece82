"""Contacts of feet with the floor.

Shape letters: T frames, S steps from frame to frame, P points of a foot (ankle, ball, tip).
"""

import numpy as np
import scipy  # scipy.ndimage is imported when it is first used
from jaxtyping import Bool, Float

CONTACT_HEIGHT = 0.05
"""A point nearer to the floor than this, in metres, may carry weight."""
CONTACT_SPEED = 0.8
"""A foot that is slower than this, in metres per second, may carry weight; a swinging foot is much faster."""
_STANDING_SPEED = 0.4
"""Metres per second along the floor: a foot that is slower stands, also where it was recorded with some slide."""
_MEDIAN_FRAMES = 3


def contact_and_slide(
    foot: Float[np.ndarray, "T P 3"], fps: float, floor: float | None = None
) -> tuple[Bool[np.ndarray, " S"], Float[np.ndarray, " S"]]:
    """Whether the foot is in contact between two frames, and its speed along the floor there, in metres per second.

    Args:
        foot: world positions of its points.
        fps: frames per second.
        floor: height of the floor. By default every point is measured from its own usual lowest height, so that the
            height of the joints inside the foot does not matter.
    """
    heights = foot[..., 1] - (np.percentile(foot[..., 1], 5, axis=0) if floor is None else floor)
    is_low = np.minimum(heights[1:], heights[:-1]) < CONTACT_HEIGHT
    velocity = np.diff(foot, axis=0) * fps
    # A foot that turns on its ball or its heel does not slide, so the slowest low point counts.
    speed = np.where(is_low, np.linalg.norm(velocity, axis=-1), np.inf)
    slide = np.where(is_low, np.linalg.norm(velocity[..., [0, 2]], axis=-1), np.inf)
    return speed.min(axis=1) < CONTACT_SPEED, slide.min(axis=1)


def standing_frames(foot: Float[np.ndarray, "T P 3"], fps: float) -> Bool[np.ndarray, " T"]:
    """Whether the foot stands in each frame: it is low and slow, for more than a frame."""
    if len(foot) < 2:
        return np.ones(len(foot), bool)
    _, slide = contact_and_slide(foot, fps)
    stands = scipy.ndimage.median_filter((slide < _STANDING_SPEED).astype(np.uint8), _MEDIAN_FRAMES) > 0
    return np.concatenate([stands[:1], stands])
