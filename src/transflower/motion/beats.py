"""Beats of motion: when a body slows down or its hips are lowest, and where between beats of the music that is.

Shape letters: T frames, J joints, K moments, B beats of the music.
"""

import numpy as np
import scipy  # scipy.ndimage and scipy.signal are imported when they are first used
from jaxtyping import Bool, Float

from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.motion.root import root_in_world

SPEED_SMOOTHING_SECONDS = 0.06
"""Standard deviation of the filter over the speed of the body."""
SPEED_PROMINENCE = 0.1
"""A minimum counts if it is this share of the mean speed below its surroundings."""
HEIGHT_SMOOTHING_SECONDS = 0.05
"""Standard deviation of the filter over the height of the hips."""
HEIGHT_PROMINENCE_METRES = 0.006
"""A dip counts if the hips rise by at least this much on both sides of it."""
NEAR_BEATS = 0.15
"""A moment is near a beat up to this part of the time between two."""
_LONGEST_GAP = 2.5
"""Where the next beat is more than so many median times away, there is a gap, in which no moment has a phase."""


def kinematic_beats(positions: Float[np.ndarray, "T J 3"], fps: float) -> Float[np.ndarray, " K"]:
    """Moments in seconds at which the mean speed of the joints has a minimum, to a fraction of a frame.

    Frame k is at k / fps.
    """
    if len(positions) < 4:
        return np.zeros(0)
    velocity = np.diff(np.asarray(positions, np.float64), axis=0) * fps
    speed = np.linalg.norm(velocity, axis=-1).mean(axis=1)
    smooth = scipy.ndimage.gaussian_filter1d(speed, SPEED_SMOOTHING_SECONDS * fps, mode="nearest")
    minima, _ = scipy.signal.find_peaks(-smooth, prominence=SPEED_PROMINENCE * max(smooth.mean(), 1e-9))
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
    height = scipy.ndimage.gaussian_filter1d(root_in_world(clip)[0][:, 1], HEIGHT_SMOOTHING_SECONDS * clip.fps)
    frames, _ = scipy.signal.find_peaks(-height, prominence=HEIGHT_PROMINENCE_METRES)
    before, at, after = height[frames - 1], height[frames], height[frames + 1]
    # Vertex of the parabola through the three frames.
    curvature = before - 2 * at + after
    return (
        frames + np.where(curvature > 0, 0.5 * (before - after) / np.where(curvature > 0, curvature, 1), 0)
    ) / clip.fps


def beat_phases(moments: Float[np.ndarray, " K"], beats: Float[np.ndarray, " B"]) -> Float[np.ndarray, " K"]:
    """Beats from the first one to each moment, with fractions; NaN for moments outside the beats or in a gap of them.

    Both are in seconds, ``beats`` ascending and at least two.
    """
    beats, moments = np.asarray(beats, np.float64), np.asarray(moments, np.float64)
    periods = np.diff(beats)
    index = np.clip(np.searchsorted(beats, moments, side="right") - 1, 0, len(periods) - 1)
    is_gap = periods > _LONGEST_GAP * np.median(periods)
    phases = np.interp(moments, beats, np.arange(len(beats)), left=np.nan, right=np.nan)
    return np.where(is_gap[index], np.nan, phases)


def is_near(phases: Float[np.ndarray, " K"]) -> Bool[np.ndarray, " K"]:
    """Whether moments with these phases are near a beat."""
    return np.abs(phases - np.rint(phases)) <= NEAR_BEATS
