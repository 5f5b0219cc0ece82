"""Changing the frame rate.

Shape letters: T frames, U frames at the new rate, J joints.
"""

import math
from dataclasses import replace

import numpy as np

from transflower.core.errors import DataError
from transflower.core.memory import check_memory
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip

_SAME_MOMENT = 1e-9
"""Frames: moments nearer than this to a frame are that frame's."""
_BYTES_OF_A_ROTATION = 300
"""What ``slerp`` holds at once for each: quaternions of three clips, and what it computes between them."""


def resample(clip: Clip, fps: float) -> Clip:
    """The clip at another frame rate; frame k shows the moment k / fps exactly, whatever the ratio of the rates.

    Rotations go along the shorter arc, translations along the straight line. The last frame is the last whole
    ``1 / fps`` that the clip reaches; nothing is extrapolated.

    Raises:
        DataError: the rate is not a positive number.
        OptionsError: there would be more frames than the machine has memory for.

    Example:
        >>> import numpy as np
        >>> from transflower.motion.skeleton import Skeleton
        >>> skeleton = Skeleton(names=("Hips",), parents=(-1,), offsets=np.zeros((1, 3)))
        >>> clip = Clip(skeleton, 60.0, np.tile([1.0, 0, 0, 0], (60, 1, 1)), {0: np.zeros((60, 3))})
        >>> resample(clip, 30.0).num_frames
        30
    """
    if not (math.isfinite(fps) and fps > 0):
        raise DataError(f"the frame rate must be positive, got {fps}")
    if fps == clip.fps:
        return clip
    num_frames = math.floor((clip.num_frames - 1) / clip.fps * fps + _SAME_MOMENT) + 1
    joints = clip.skeleton.num_joints
    check_memory(
        num_frames * joints * _BYTES_OF_A_ROTATION,
        what=f"{num_frames} frames of {joints} joints, made of {clip.num_frames} of {clip.fps:g} a second,",
        advice="give the true rate of the file, or ask for a lower one",
    )
    moments = np.minimum(np.arange(num_frames) / fps * clip.fps, clip.num_frames - 1)
    before = np.floor(moments + _SAME_MOMENT).astype(int)
    after = np.minimum(before + 1, clip.num_frames - 1)
    weight = np.clip(moments - before, 0.0, 1.0)[:, None]
    rotations = rot.slerp(clip.rotations[before], clip.rotations[after], weight)
    translations = {
        joint: (1 - weight) * track[before] + weight * track[after] for joint, track in clip.translations.items()
    }
    return replace(clip, fps=float(fps), rotations=rotations, translations=translations)
