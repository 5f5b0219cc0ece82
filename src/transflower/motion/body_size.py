"""The size of a body, and whether its bones and its path through the world are in one unit.

Shape letters: T frames, N points.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from transflower.motion import anatomy
from transflower.motion.axes import has_body
from transflower.motion.clip import Clip

HUMAN_HEIGHT = (1.2, 2.3)
"""Metres that people are tall."""

_FRAMES_LOOKED_AT = 25
_LARGER, _SMALLER = 20.0, 0.05
"""A root that is this many leg lengths above the floor, or less, is in another unit than the bones."""
_STILL = 1e-3
"""Leg lengths: a root that moves less up and down is held still on purpose."""


@dataclass(frozen=True, kw_only=True)
class BodySize:
    """The size of a body that has legs and a head."""

    height: float
    """Metres from the soles to the top of the head, standing straight. A head without an end site ends at its joint."""
    root_scale: float | None
    """How many times too high the root is for the legs, where that tells of two units; None where all is well.

    About 100 for bones in metres under a root in centimetres, about 0.01 for the reverse.
    """


def measure_body(clip: Clip) -> BodySize | None:
    """The size of the body; None where there is none. ``clip`` is in metres, with Y up."""
    if not has_body(clip.skeleton):
        return None
    step = -(-clip.num_frames // _FRAMES_LOOKED_AT)
    positions = anatomy.points(clip[::step])
    body = anatomy.read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0))
    if body.head is None or not body.legs:
        return None
    return BodySize(height=_height(positions, body), root_scale=_root_scale(positions[..., 1], body))


def _height(positions: Float[np.ndarray, "T N 3"], body: anatomy.Anatomy) -> float:
    """The height in a frame in which the body is straight, or the sum of the bones from the ankles to the head."""
    tips = [point for point, parent in enumerate(body.parents) if parent == body.head]
    top = positions[:, [body.trunk[-1], *tips], 1].max(axis=1)
    feet = sorted({point for leg in body.legs for point in leg.path})
    shown = float(np.percentile(top - positions[:, feet, 1].min(axis=1), 90))
    leg = body.legs[0]
    ways = [body.trunk, leg.path[leg.path.index(leg.ball) : leg.path.index(leg.end) + 1]]
    bones = sum(_length(positions, a, b) for way in ways for a, b in pairwise(way))
    return max(shown, bones + max((_length(positions, body.trunk[-1], tip) for tip in tips), default=0.0))


def _length(positions: Float[np.ndarray, "T N 3"], a: int, b: int) -> float:
    return float(np.linalg.norm(positions[0, a] - positions[0, b]))


def _root_scale(heights: Float[np.ndarray, "T N"], body: anatomy.Anatomy) -> float | None:
    root = heights[:, body.pelvis]
    reach = root - heights[:, [leg.path[-1] for leg in body.legs]].min(axis=1)
    leg = float(np.median(reach))
    if leg <= 0:
        return None
    scale, moves, needed = abs(float(np.median(root))) / leg, float(np.ptp(root)) / leg, float(np.ptp(reach)) / leg
    is_larger = scale > _LARGER and (moves > _LARGER * needed or needed < _STILL)
    is_smaller = 0 < scale < _SMALLER and needed > _STILL and 0 < moves < _SMALLER * needed
    return scale if is_larger or is_smaller else None
