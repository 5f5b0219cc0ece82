"""Frames that do not belong to a recording: a T-pose before the movement, a joint that flips.

Shape letters: T frames, J joints.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from transflower.core.errors import DataError
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward

_BLEND_SECONDS = 0.04
"""Recordings that were resampled with their T-pose blend out of it for about this long."""
_LONGEST_BLEND_SECONDS = 0.1
_LONGEST_HELD_SECONDS = 5.0
"""For which a pose before the movement is held."""
_APART_DEGREES = 3.0
"""Least change, as a mean over the joints, between a pose apart and the movement."""
_APART_FROM_NEXT, _APART_FROM_ALL = 4.0, 2.0
"""How many times larger that change is than those just after it, and than 99 % of all."""

_FLIP_DEGREES, _FLIP_DEGREES_PER_SECOND = 90.0, 2500.0
_SPIKE_DEGREES, _SPIKE_DEGREES_PER_SECOND = 45.0, 1000.0
"""A joint that turns this far and is back in the next frame."""


@dataclass(frozen=True)
class Flip:
    """An impossible movement from one frame to the next."""

    frame: int
    """The frame that it leads to, counted from 0."""
    what: str
    """What moves, and how far."""


def first_frames_apart(clip: Clip) -> int:
    """How many frames at the start are a pose apart, as the T-pose that exporters put there; 0: none.

    Beside the first frame itself these are the ones in which it is held, and those that blend out of it, where a filter
    has smeared it.
    """
    held = _frames_held(clip)
    apart = _frames_apart(clip[held:])
    return apart and held + apart


def find_joint_flips(clip: Clip) -> list[Flip]:
    """Frames, from the third on, in which a joint flips; of each frame the joint that turns farthest."""
    is_flip, turns = flipping_joints(clip)
    flips = []
    for frame in np.flatnonzero(is_flip.any(axis=1)).tolist():
        joint = int(np.argmax(np.where(is_flip[frame], turns[frame], 0)))
        flips.append(Flip(frame, f"{clip.skeleton.names[joint]!r} by {turns[frame, joint]:.0f} degrees"))
    return flips


def flipping_joints(clip: Clip) -> tuple[Bool[np.ndarray, "T J"], Float[np.ndarray, "T J"]]:
    """Whether each joint flips in each frame, from the third on, and by how many degrees it has turned.

    A joint flips by more than a quarter turn, or to and fro; then only the first of both frames is marked.
    """
    turns = np.zeros(clip.rotations.shape[:2])
    turns[2:] = _turns(clip.rotations, 1)[1:]
    is_far = turns > max(_SPIKE_DEGREES, _SPIKE_DEGREES_PER_SECOND / clip.fps)
    is_flip = turns > max(_FLIP_DEGREES, _FLIP_DEGREES_PER_SECOND / clip.fps)
    for frame, joint in np.argwhere(is_far[:-1] & is_far[1:]).tolist():
        if _turns(clip.rotations[frame - 1 : frame + 2, joint : joint + 1], 2)[0, 0] < _SPIKE_DEGREES / 3:
            is_flip[frame : frame + 2, joint] = True, False
    return is_flip, turns


def without_first_frames(clip: Clip) -> Clip:
    """The clip without its first frame; where that is a pose apart, without all that hold it and blend out of it.

    Raises:
        DataError: nothing is left.
    """
    count = max(1, first_frames_apart(clip))
    if count >= clip.num_frames:
        frames = "one frame" if clip.num_frames == 1 else f"{clip.num_frames} frames"
        raise DataError(f"holds {frames} only, and --drop_first leaves out the first pose")
    return clip[count:]


def is_t_pose(clip: Clip, frame: int = 0) -> bool:
    """Whether the arms are stretched out: the body is about as wide as it is tall. ``clip`` has Y up."""
    positions = forward(clip[frame : frame + 1])[0][0]
    directions = np.linspace(0, np.pi, 8, endpoint=False)
    width = np.ptp(positions[:, [0, 2]] @ np.stack([np.cos(directions), np.sin(directions)]), axis=0).max()
    return bool(width > 0.7 * np.ptp(positions[:, 1]))


def _frames_held(clip: Clip) -> int:
    """How many frames at the start are followed by one with the same pose."""
    longest = math.ceil(_LONGEST_HELD_SECONDS * clip.fps)
    is_held = (clip.rotations[:longest] == clip.rotations[:1]).all(axis=(1, 2))
    return max(0, int(np.argmin(is_held)) - 1) if not is_held.all() else 0


def _frames_apart(clip: Clip) -> int:
    strides = [1, math.ceil(_BLEND_SECONDS * clip.fps)]
    steps = np.zeros(0)
    for stride in strides if strides[1] > 1 else strides[:1]:
        turns = _turns(clip.rotations, stride).mean(axis=1)
        steps = turns if stride == 1 else steps
        later = turns[1 if stride == 1 else 2 * stride :]
        if len(later) < 3 * stride:
            return 0
        usual = max(_APART_FROM_NEXT * later[: 3 * stride].max(), _APART_FROM_ALL * np.percentile(later, 99))
        if turns[0] > max(_APART_DEGREES, usual):
            return 1 if stride == 1 else _end_of_blend(steps, clip.fps)
    return 0


def _end_of_blend(steps: Float[np.ndarray, " U"], fps: float) -> int:
    longest = max(1, round(_LONGEST_BLEND_SECONDS * fps))
    is_fast = steps[:longest] > np.percentile(steps[longest:], 99)
    return int(np.flatnonzero(is_fast).max(initial=0)) + 1


def _turns(rotations: Float[np.ndarray, "T J 4"], stride: int) -> Float[np.ndarray, "U J"]:
    """Degrees by which each joint turns from each frame to the one ``stride`` later; no frames where there is none."""
    cosines = np.einsum("tjc,tjc->tj", rotations[:-stride], rotations[stride:])
    return np.asarray(np.degrees(2 * np.arccos(np.minimum(np.abs(cosines), 1.0))))
