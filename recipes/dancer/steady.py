"""Takes of optical capture without what nobody danced: the tremor of the markers, flips of a foot, sliding feet.

A model can learn them only as noise, which hides from it how the body goes on.
"""

from dataclasses import replace

import numpy as np
from scipy.signal import butter, sosfiltfilt

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.faults.detectors import mend_faults
from transflower.motion.foot_lock import lock_feet

_FASTEST = 5.0
"""Hertz up to which bodies move; feet take two or three steps a second."""
LOWEST_FPS = 2 * _FASTEST
"""Clips must have more frames a second."""
_ORDER = 2


def steady(clip: Clip) -> Clip:
    """The same movement, as smooth as bodies move, with feet that stand still while they stand."""
    mended = mend_faults(clip, ["flips"]).parts[0].clip
    return lock_feet(_smoothed(mended))


def _smoothed(clip: Clip) -> Clip:
    """Without what is faster than ``_FASTEST``, and not later: the filter runs forwards and backwards."""
    stages = butter(_ORDER, _FASTEST, fs=clip.fps, output="sos")

    def smooth(track: np.ndarray) -> np.ndarray:
        return np.asarray(sosfiltfilt(stages, track, axis=0))

    return replace(
        clip,
        rotations=rot.normalize(smooth(rot.continuous(clip.rotations))),
        translations={joint: smooth(track) for joint, track in clip.translations.items()},
    )
