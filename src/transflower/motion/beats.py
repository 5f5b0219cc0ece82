"""Beats of motion: the moments at which a body slows down, or at which its hips are lowest.

Shape letters: T frames, J joints, K moments.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward

SPEED_SMOOTHING_SECONDS = 0.06
"""Standard deviation of the filter over the speed of the body."""
SPEED_PROMINENCE = 0.1
"""A minimum counts if it is this share of the mean speed below its surroundings."""
HEIGHT_SMOOTHING_SECONDS = 0.05
"""Standard deviation of the filter over the height of the hips."""
HEIGHT_PROMINENCE_METRES = 0.006
"""A dip counts if the hips rise by at least this much on both sides of it."""


def kinematic_beats(positions: Float[np.ndarray, "T J 3"], fps: float) -> Float[np.ndarray, " K"]:
    """Moments in seconds at which the mean speed of the joints has a minimum, to a fraction of a frame.

    Frame k is at k / fps.
    """
    if len(positions) < 4:
        return np.zeros(0)
    velocity = np.diff(np.asarray(positions, np.float64), axis=0) * fps
    speed = np.linalg.norm(velocity, axis=-1).mean(axis=1)
    smooth = gaussian_filter1d(speed, SPEED_SMOOTHING_SECONDS * fps, mode="nearest")
    minima, _ = find_peaks(-smooth, prominence=SPEED_PROMINENCE * max(smooth.mean(), 1e-9))
    before, at, after = smooth[minima - 1], smooth[minima], smooth[minima + 1]
    # Vertex of the parabola through three samples; a plateau has no curvature and keeps its middle.
    curvature = before - 2 * at + after
    shift = np.divide(0.5 * (before - after), curvature, out=np.zeros_like(at), where=curvature > 1e-12)
    # Speed k is that between frames k and k + 1.
    return np.asarray((minima + shift + 0.5) / fps)


def clip_beats(clip: Clip) -> Float[np.ndarray, " K"]:
    """``kinematic_beats`` of a clip's joints."""
    return kinematic_beats(forward(clip)[0], clip.fps)


def hip_dips(clip: Clip) -> Float[np.ndarray, " K"]:
    """The moments, in seconds, when the hips are lowest, to a fraction of a frame."""
    height = gaussian_filter1d(clip.translations[0][:, 1], HEIGHT_SMOOTHING_SECONDS * clip.fps)
    frames, _ = find_peaks(-height, prominence=HEIGHT_PROMINENCE_METRES)
    before, at, after = height[frames - 1], height[frames], height[frames + 1]
    # Vertex of the parabola through the three frames.
    curvature = before - 2 * at + after
    return (
        frames + np.where(curvature > 0, 0.5 * (before - after) / np.where(curvature > 0, curvature, 1), 0)
    ) / clip.fps
