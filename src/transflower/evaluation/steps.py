"""Steps and turns of a dance.

Shape letters: K moments.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.core.errors import DataError
from transflower.motion import anatomy
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.contacts import contact_and_slide
from transflower.motion.root import root_in_world

_SHORTEST_SECONDS = 0.08
"""A foot that stands for less has not landed."""
_TURN_SECONDS, _TURN_DEGREES = 3.0, 270.0
"""A turn is at least so far within so long."""
_SMOOTHING_SECONDS = 0.1


def landings(clip: Clip) -> Float[np.ndarray, "K"]:
    """The moments, in seconds, at which a foot comes to stand on the floor, of both feet in order.

    Raises:
        DataError: a body without legs.
    """
    points = anatomy.points(clip)
    legs = anatomy.read_anatomy(clip.skeleton, np.median(points[..., 1], axis=0)).legs
    if not legs:
        raise DataError("a body without legs takes no steps")
    shortest = max(1, round(_SHORTEST_SECONDS * clip.fps))
    found: list[float] = []
    for leg in legs:
        contact, _ = contact_and_slide(points[:, leg.extremity], clip.fps)
        starts = np.flatnonzero(contact[1:] & ~contact[:-1]) + 1
        found += [(start + 0.5) / clip.fps for start in starts.tolist() if contact[start : start + shortest].all()]
    return np.array(sorted(found))


def count_turns(clip: Clip) -> int:
    """How often the body turns by three quarters or more within three seconds.

    A longer spin counts as often as that happens in it.
    """
    _, rotations = root_in_world(clip)
    # Of the axes of the hips, this one stays level where the body bends.
    across = rot.rotate(rotations, np.array([1.0, 0.0, 0.0]))
    heading = np.degrees(np.unwrap(np.arctan2(across[:, 0], across[:, 2])))
    heading = gaussian_filter1d(heading, _SMOOTHING_SECONDS * clip.fps)
    length, turns, start = round(_TURN_SECONDS * clip.fps), 0, 0
    for frame in range(len(heading)):
        start = max(start, frame - length)
        if np.abs(heading[start : frame + 1] - heading[frame]).max() >= _TURN_DEGREES:
            turns, start = turns + 1, frame
    return turns
