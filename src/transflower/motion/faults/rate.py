"""A frame rate that is not the true one: feet step too quickly, or bodies fall otherwise than on earth.

Shape letters: T frames.
"""

import numpy as np
import scipy  # scipy.ndimage is imported when it is first used
from jaxtyping import Float

from transflower.motion.faults.body_mass import centre_of_mass
from transflower.motion.faults.fault import Detector, Fault
from transflower.motion.faults.spans import spans
from transflower.motion.faults.take import Take
from transflower.motion.humanoid.bones import SIDES

_LEAST_SECONDS = 2.0
_MOVING = 0.3
"""Metres per second of a foot that moves."""
_MOST_HERTZ = 2.1
"""Usual quickness of moving feet, acceleration by speed: dances have 1.2 to 2.05, walks and runs 0.5 to 1.6."""
_USUAL_HERTZ = 1.35
_SLOW_HERTZ = 0.6
_SMOOTH_SECONDS = 0.03
_MOVING_SHARE = 0.1
_GRAVITY = 9.81
_SLOWEST, _FASTEST = 0.4, 2.2
"""How much less or more than the earth's a fall may be: sizes of bodies and flights are not exactly known."""
_FLIGHT_METRES, _FLIGHT_SECONDS = 0.1, 0.12
_LONGEST_FLIGHT_SECONDS = 0.9
_FLIGHTS = 3
"""Least number of flights."""


def _find(take: Take) -> list[Fault]:
    if take.rig is None or take.clip.seconds < _LEAST_SECONDS:
        return []
    fps, what = take.clip.fps, ""
    hertz, fall = _quickness(take, fps), _fall(take)
    if hertz > _MOST_HERTZ:
        true = next(fps / factor for factor in (2, 4, 8, 16) if factor == 16 or _is_usual(take, fps / factor))
        what = f"feet step {hertz / _USUAL_HERTZ:.1f} times as quickly as is usual; the true rate may be {true:.3g}"
    elif fall is not None and (fall > _FASTEST or (fall < _SLOWEST and hertz < _SLOW_HERTZ)):
        true = fps / fall**0.5
        what = f"bodies in the air fall {fall:.1f} times as fast as on earth; the true rate may be {true:.3g}"
    if not what:
        return []
    return [Fault(kind="rate", first=0, last=take.clip.num_frames - 1, what=f"at {fps:.5g} frames/s {what}")]


def _is_usual(take: Take, fps: float) -> bool:
    return _quickness(take, fps) <= _MOST_HERTZ


def _quickness(take: Take, fps: float) -> float:
    """Of the feet, in hertz, if the frame rate were ``fps``; 0 where they hardly move."""
    assert take.rig is not None
    found = [0.0]
    for side in SIDES:
        track = take.world[0][:, take.rig.humanoid.joints[f"{side}Foot"]]
        foot = scipy.ndimage.gaussian_filter1d(track, max(_SMOOTH_SECONDS * fps, 0.6), axis=0)
        velocity = np.gradient(foot, axis=0) * fps
        speed = np.linalg.norm(velocity, axis=1)
        acceleration = np.linalg.norm(np.gradient(velocity, axis=0), axis=1) * fps
        is_moving = speed > max(_MOVING, float(np.median(speed)))
        if is_moving.sum() > _MOVING_SHARE * len(speed):
            found.append(float(np.median(acceleration[is_moving]) / np.median(speed[is_moving]) / (2 * np.pi)))
    return float(np.median(found[1:] or found))


def _fall(take: Take) -> float | None:
    """How fast a body in the air falls, as a share of what the earth demands; None where none is in the air long."""
    assert take.rig is not None
    if take.floor is None:
        return None
    fps = take.clip.fps
    runs = spans(take.lowest > take.floor + _FLIGHT_METRES, least=max(4, take.frames(_FLIGHT_SECONDS)))
    flights = [(first, last) for first, last in runs if last - first < _LONGEST_FLIGHT_SECONDS * fps]
    if len(flights) < _FLIGHTS:
        return None
    height = centre_of_mass(take.rig.humanoid, take.world[0])[:, 1]
    falls = [_curvature(height[first : last + 1]) * fps**2 for first, last in flights]
    fall = float(-np.median(falls) / _GRAVITY)
    return fall if fall > 0 else None


def _curvature(heights: Float[np.ndarray, " T"]) -> float:
    """Second difference of the parabola through the heights."""
    return float(2 * np.polyfit(np.arange(len(heights)), heights, 2)[0])


RATE = Detector(
    name="rate",
    about="a frame rate that makes the movement too quick or too slow; --source_fps gives the true one",
    find=_find,
)
