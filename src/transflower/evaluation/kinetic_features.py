"""Kinetic features of a sequence (Onuma et al. 2008), as AIST++ takes them: how much energy each joint moves with.

Shape letters: T frames, J joints, N values in time, M means.
"""

import numpy as np
import scipy  # scipy.interpolate is imported when it is first used
from jaxtyping import Float

FPS = 60.0
"""Frames per second of the published features."""
_SIDE = 2
"""Values on each side of a moving average."""
FEWEST_FRAMES = 3


def kinetic_features(positions: Float[np.ndarray, "T J 3"], fps: float) -> Float[np.ndarray, " _"]:
    """Three numbers for each joint: horizontal and vertical kinetic energy, and energy expenditure.

    They are means over time of the squared horizontal speed, of the squared vertical speed (m^2/s^2), and of the norm
    of the acceleration (m/s^2), at 60 frames a second, where velocities and accelerations are averaged over two frames
    on each side before their norms are taken.
    """
    positions = at_rate(positions, fps, FPS)
    velocity = np.diff(positions, axis=0) * FPS
    acceleration = np.diff(velocity, axis=0) * FPS
    steps = len(velocity)
    smooth = _averaged(velocity, steps)
    horizontal = (smooth[..., [0, 2]] ** 2).sum(axis=-1).mean(axis=0)
    vertical = (smooth[..., 1] ** 2).mean(axis=0)
    expenditure = np.linalg.norm(_averaged(acceleration, steps), axis=-1).mean(axis=0)
    return np.stack([horizontal, vertical, expenditure], axis=1).ravel()


def at_rate(positions: Float[np.ndarray, "T J 3"], fps: float, target: float) -> Float[np.ndarray, "_ J 3"]:
    """Positions at another frame rate, on cubic splines; nothing is extrapolated."""
    if fps == target or len(positions) < FEWEST_FRAMES:
        return np.asarray(positions, np.float64)
    frames = int((len(positions) - 1) / fps * target + 1e-9) + 1
    spline = scipy.interpolate.CubicSpline(np.arange(len(positions)) / fps, positions, axis=0)
    return np.asarray(spline(np.arange(frames) / target))


def _averaged(values: Float[np.ndarray, "N *S"], count: int) -> Float[np.ndarray, "M *S"]:
    """Means of those values that are at most ``_SIDE`` from each of the first ``count`` places."""
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    places = np.arange(count)
    start, stop = (places - _SIDE).clip(0), (places + _SIDE + 1).clip(max=len(values))
    shape = (count, *[1] * (values.ndim - 1))
    return np.asarray((sums[stop] - sums[start]) / (stop - start).reshape(shape))
