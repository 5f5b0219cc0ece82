"""Axes of bones that are square: they lie along the axes of their joint.

Programs that build skeletons give each joint axes that follow its bone, so that those of a body in a T-pose differ from
them by quarter turns. Motion shows which quarter turns these are.
"""

from itertools import permutations, product

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot

Axes = Float[np.ndarray, "4"]
"""The rotation from the axes of a bone to those of its joint."""
Direction = Float[np.ndarray, "3"]

_ALONG = np.cos(np.radians(3))
_SHORTEST = 1e-6


def _quarter_turns() -> Float[np.ndarray, "24 4"]:
    signed = [
        np.array(signs)[:, None] * np.eye(3)[list(order)]
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    ]
    return rot.from_matrix(np.stack([matrix for matrix in signed if np.linalg.det(matrix) > 0]))


_QUARTER_TURNS = _quarter_turns()


def squared(axes: Axes, most: float) -> Axes:
    """The nearest axes that are square; the same where those are more than ``most`` radians away."""
    apart = rot.angle_between(axes, _QUARTER_TURNS)
    best = int(np.argmin(apart))
    return _QUARTER_TURNS[best] if apart[best] < most else axes


def is_square(axes: Axes, most: float) -> bool:
    """Whether axes are square, to ``most`` radians."""
    return bool(rot.angle_between(axes, _QUARTER_TURNS).min() < most)


def nearest_axis(way: Direction) -> Direction:
    """The unit vector along an axis, there or back, that is nearest to a direction."""
    longest = int(np.argmax(np.abs(way)))
    return np.eye(3)[longest] * np.sign(way[longest])


def is_along_axis(way: Direction) -> bool:
    """Whether a direction is that of an axis, there or back."""
    length = float(np.linalg.norm(way))
    return bool(length > _SHORTEST and np.abs(way).max() > _ALONG * length)


def turned_to(axes: Axes, direction: Direction, way: Direction) -> Axes:
    """The axes, turned by as little as brings a direction of the bone to one of the joint."""
    return rot.multiply(rot.shortest(rot.rotate(axes, direction), way), axes)
