"""The rig of a skeleton that several recordings share, and the floor of each of them.

Shape letters: T frames, P points of a foot (ankle, ball).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from transflower.motion import kinematics
from transflower.motion.clip import Clip
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.retarget.rig import FLOOR_PERCENTILE, Rig, read_rig
from transflower.motion.root import settle_bones

_FRAMES_OF_EACH = 150
_LEAST_SECONDS = 3.0
"""Motion from which the floor of a recording is told by its own feet."""
_LOWEST = 0.1
"""Feet that are farther than this above the lowest joint, in metres, do not show the floor: somebody sits or lies."""


def read_shared_rig(clips: Sequence[Clip], humanoid: Humanoid | None = None, *, what: str = "the skeleton") -> Rig:
    """What must be known of a skeleton, from some recordings of it.

    Args:
        clips: the recordings; their first frames count, which often are T-poses.
        humanoid: which joint is which bone; by default what can be told.
        what: what it is, for messages.

    Raises:
        DataError: bones are missing that a dance needs, or nothing shows the skeleton as it stands.
    """
    settled = [settle_bones(clip) for clip in clips]
    rig = read_rig(_pooled(settled), humanoid, what=what)
    owns = [with_own_floor(rig, clip) for clip in settled if clip.seconds >= _LEAST_SECONDS]
    floors = [own.flat for own in owns if own.flat is not None]
    return replace(rig, flat=np.median(np.stack(floors), axis=0)) if floors else rig


def with_own_floor(rig: Rig, clip: Clip) -> Rig:
    """The rig with the floor on which the feet of this recording stand.

    Feet stand flat at other heights where a body stands on its toes or sits, so only their shift is taken. Where the
    recording is too short, or the feet are seldom the lowest of the body, the floor is that of the rig.
    """
    if rig.flat is None or clip.seconds < _LEAST_SECONDS:
        return rig
    world = kinematics.forward(clip)
    joints = list(rig.humanoid.joints.values())
    lowest = np.percentile(world[0][:, joints, 1].min(axis=1), FLOOR_PERCENTILE)
    heights = np.percentile(rig.feet(world)[..., 1], FLOOR_PERCENTILE, axis=0).min(axis=0)
    if heights.min() > lowest + _LOWEST:
        return rig
    return replace(rig, flat=rig.flat + (heights - rig.flat).min())


def _pooled(clips: Sequence[Clip]) -> Clip:
    """Frames of all recordings, the first of each among them."""
    picked = [clip[:: -(-clip.num_frames // _FRAMES_OF_EACH)] for clip in clips]
    moving = sorted(set().union(*(clip.translations for clip in picked)))
    tracks = {
        joint: np.concatenate(
            [
                clip.translations.get(joint, np.tile(clip.skeleton.offsets[joint], (clip.num_frames, 1)))
                for clip in picked
            ]
        )
        for joint in moving
    }
    return Clip(picked[0].skeleton, 30.0, np.concatenate([clip.rotations for clip in picked]), tracks)
