"""Where the feet of another body belong, so that they touch the floor when and where those of the first do.

Shape letters: T frames, P points of a foot (ankle, ball).
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.retarget.rig import Rig

_ROLL = np.sin(np.radians(8))
"""How far a foot points up or down until it is taken to stand on its heel or its ball alone."""
_STANDING, _LIFTED = 0.1, 0.5
"""How far a foot is above the floor, in lengths of a leg, up to which its ball counts, and from which its ankle does: a
kicking leg may be too short to bring another ball to the place of that of the source."""


def flat_heights(source: Rig, target: Rig, scale: float) -> tuple[Float[np.ndarray, "P"], Float[np.ndarray, "P"]]:
    """Heights of ankle and ball of flat feet on the floors of both; a floor that is unknown is that of the other."""
    ours, theirs = source.flat, target.flat
    if ours is None:
        ours = _flat(source, theirs[1] / scale if theirs is not None else 0.0)
    return ours, _flat(target, scale * ours[1]) if theirs is None else theirs


def ankle_targets(
    source: Rig,
    target: Rig,
    feet: Float[np.ndarray, "T 2 P 3"],
    rotations: Float[np.ndarray, "T 2 4"],
) -> Float[np.ndarray, "T 2 3"]:
    """World positions of the ankles of ``target``: its balls of the feet go where those of ``source`` do, scaled.

    Of feet high above the floor the ankles do.

    Args:
        source: the skeleton that moves.
        target: the other one.
        feet: where the points of the feet of ``source`` are.
        rotations: world rotations of the axes of both feet, which are those of both skeletons.
    """
    scale = target.leg_length / source.leg_length
    ours, theirs = flat_heights(source, target, scale)
    clearance = feet[..., 1] - ours
    placed = scale * feet[:, :, 0]
    longer = scale * source.balls - target.balls
    on_ball = _rising(-rot.rotate(rotations, np.array([0.0, 0, 1]))[..., 1] / _ROLL)[..., None]
    # A foot that rolls over its heel turns about the ankle, so the ball's way is not followed then.
    flat = rot.rotate(rot.from_yaw(rot.yaw(rotations)), longer)
    lifted = (clearance.min(axis=-1) / source.leg_length - _STANDING) / (_LIFTED - _STANDING)
    placed += (1 - _rising(2 * lifted - 1))[..., None] * (flat + on_ball * (rot.rotate(rotations, longer) - flat))
    # The lower of both points is as far from the floor as the lower one of the source, in proportion.
    below = rot.rotate(rotations, target.balls)[..., 1]
    placed[..., 1] = scale * clearance.min(axis=-1) + np.maximum(theirs[0], theirs[1] - below)
    return placed


def _flat(rig: Rig, ball_height: float) -> Float[np.ndarray, "P"]:
    return ball_height + np.array([-rig.balls[:, 1].mean(), 0.0])


def _rising(values: Float[np.ndarray, "*B"]) -> Float[np.ndarray, "*B"]:
    """0 up to -1, 1 from 1 on, smoothly in between."""
    part = np.clip((values + 1) / 2, 0, 1)
    return np.asarray(part * part * (3 - 2 * part))
