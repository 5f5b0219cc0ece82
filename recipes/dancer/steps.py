"""How hard feet are put down, moment by moment: what tells the beat of a dance without its music.

Shape letters: T frames, N moments, P points of a foot.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.motion import kinematics
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.rig import told_bones

RATE = 60
"""Moments in a second."""
_SMOOTHING_SECONDS = 0.03
_HARDEST = 12.0
"""Metres per second squared; feet that are stopped harder count no more."""
_USUAL_SECONDS = 2.0
"""Over which steps are compared with those around them."""


def step_signal(clip: Clip) -> Float[np.ndarray, "N"]:
    """How fast both feet slow down, less what is usual around each moment, with a standard deviation of 1.

    Raises:
        DataError: a body without feet.
    """
    slowing = np.sum([_slowing(foot, clip.fps) for foot in _feet(clip)], axis=0)
    count = int(len(slowing) / clip.fps * RATE)
    # Slowing k is that between frames k and k + 1.
    even = np.interp(np.arange(count) / RATE, (np.arange(len(slowing)) + 0.5) / clip.fps, slowing)
    root = np.sqrt(even)
    signal = root - gaussian_filter1d(root, _USUAL_SECONDS * RATE, mode="nearest")
    return signal / max(float(signal.std()), 1e-9)


def _feet(clip: Clip) -> list[Float[np.ndarray, "T P 3"]]:
    humanoid = told_bones(clip)
    humanoid.check_complete("the dancer")
    where, _ = kinematics.forward(clip)
    bones = [[side + bone for bone in ("Foot", "Toes")] for side in SIDES]
    return [where[:, [humanoid.joints[bone] for bone in foot if bone in humanoid.joints]] for foot in bones]


def _slowing(foot: Float[np.ndarray, "T P 3"], fps: float) -> Float[np.ndarray, "_"]:
    speed = np.linalg.norm(np.diff(foot, axis=0), axis=-1).mean(axis=1) * fps
    smooth = gaussian_filter1d(speed, _SMOOTHING_SECONDS * fps)
    return np.clip(-np.gradient(smooth) * fps, 0, _HARDEST)
