"""Where the feet of another body belong, so that they touch the floor when and where those of the first do.

Shape letters: T frames, P points of a foot (ankle, ball), K a foot's frames.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.foot_shift import shifts_against_slide, steps_along_floor
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.rig import Rig

_LOOKAHEAD_SECONDS = 0.2


def flat_heights(source: Rig, target: Rig, scale: float) -> tuple[Float[np.ndarray, "P"], Float[np.ndarray, "P"]]:
    """Heights of ankle and ball of flat feet on the floors of both; a floor that is unknown is that of the other."""
    ours, theirs = source.flat, target.flat
    if ours is None:
        ours = _flat(source, theirs[1] / scale if theirs is not None else 0.0)
    return ours, _flat(target, scale * ours[1]) if theirs is None else theirs


def _flat(rig: Rig, ball_height: float) -> Float[np.ndarray, "P"]:
    return ball_height + np.array([-rig.balls[:, 1].mean(), 0.0])


def ankle_targets(
    source: Rig,
    target: Rig,
    feet: Float[np.ndarray, "T 2 P 3"],
    rotations: Float[np.ndarray, "T 2 4"],
    *,
    fps: float,
) -> Float[np.ndarray, "T 2 3"]:
    """World positions of the ankles of ``target``.

    Args:
        source: the skeleton that moves.
        target: the other one.
        feet: where the points of the feet of ``source`` are.
        rotations: world rotations of the axes of both feet, which are those of both skeletons.
        fps: frames per second.
    """
    scale = target.leg_length / source.leg_length
    ours, theirs = flat_heights(source, target, scale)
    placed = scale * feet[:, :, 0]
    for foot in range(len(SIDES)):
        ball = rot.rotate(rotations[:, foot], target.balls[foot])
        # The lower of both points is as far from the floor as the lower one of the source, in its own proportion.
        clearance = (feet[:, foot, :, 1] - ours).min(axis=1)
        placed[:, foot, 1] = scale * clearance + np.maximum(theirs[0], theirs[1] - ball[:, 1])
        follower = np.stack([placed[:, foot], placed[:, foot] + ball], axis=1)
        placed[:, foot, [0, 2]] += _shifts(scale * feet[:, foot], scale * ours, follower, fps)
    return placed


def _shifts(
    foot: Float[np.ndarray, "T P 3"], flat: Float[np.ndarray, "P"], follower: Float[np.ndarray, "T P 3"], fps: float
) -> Float[np.ndarray, "T 2"]:
    """By how much the follower must be moved so that the point on which it stands goes where that of ``foot`` goes."""
    num_steps = max(2, round(_LOOKAHEAD_SECONDS * fps)) + 2
    floor = np.tile(flat, (len(foot), 1))
    slide, stands = steps_along_floor(foot, floor, first=0, fps=fps, num_steps=num_steps, follower=follower)
    return shifts_against_slide(slide, stands, np.zeros((2, 2)), first=0, stop=len(foot), fps=fps)
