"""Foot lock: feet do not slide while they stand.

In generated motion standing feet slide by millimetres, which is easily seen. While a foot stands, the point on which it
stands is kept in place, and the leg follows by inverse kinematics. All else is unchanged.
Shape letters: T frames, S steps from frame to frame, P points of a foot.
"""

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import binary_closing, binary_opening

from transflower.motion.anatomy import Limb, points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.two_bone_ik import has_two_bones, solve_two_bone_ik

_STANDING_HEIGHT = 0.05
"""A point that is nearer than this to its own usual lowest height, in metres, may carry weight."""
_STANDING_SPEED = 0.45
"""Metres per second along the floor; a foot that is meant to move is faster."""
_SHORTEST_SECONDS = 0.1
"""Shorter stands, and shorter breaks of a stand, are noise."""
_FARTHEST = 0.12
"""Metres by which a foot is moved at most: a larger shift is not foot slide."""


def lock_feet(clip: Clip) -> Clip:
    """The clip with feet that do not slide while they stand. A skeleton without legs is returned unchanged."""
    if clip.num_frames < 2:
        return clip
    legs = read_anatomy(clip.skeleton, np.median(points(clip)[..., 1], axis=0)).legs
    for leg in legs:
        if has_two_bones(clip, leg):
            clip = _lock_foot(clip, leg)
    return clip


def _lock_foot(clip: Clip, leg: Limb) -> Clip:
    positions = points(clip)
    slide, stands = _slide(positions[:, leg.extremity], clip.fps)
    targets = positions[:, leg.end].copy()
    targets[:, [0, 2]] += _shift(slide, stands)
    return solve_two_bone_ik(clip, leg, targets)


def _slide(foot: Float[np.ndarray, "T P 3"], fps: float) -> tuple[Float[np.ndarray, "S 2"], Bool[np.ndarray, " S"]]:
    """How far the foot slides between two frames, and whether it then stands.

    A foot that rolls from heel to toe, or turns on its ball, does not slide, so its slowest low point counts.
    """
    heights = foot[..., 1] - np.percentile(foot[..., 1], 5, axis=0)
    is_low = np.minimum(heights[1:], heights[:-1]) < _STANDING_HEIGHT
    steps = np.diff(foot[..., [0, 2]], axis=0)
    lengths = np.linalg.norm(steps, axis=-1)
    slowest = np.where(is_low, lengths, lengths + 1e3).argmin(axis=1)
    pairs = np.arange(len(steps))
    stands = is_low[pairs, slowest] & (lengths[pairs, slowest] * fps < _STANDING_SPEED)
    frames = np.ones(max(1, round(_SHORTEST_SECONDS * fps)), bool)
    return steps[pairs, slowest], binary_opening(binary_closing(stands, frames), frames)


def _shift(slide: Float[np.ndarray, "S 2"], stands: Bool[np.ndarray, " S"]) -> Float[np.ndarray, "T 2"]:
    """By how much to move the foot: against its slide while it stands, on average not at all; smoothly in between."""
    edges = np.flatnonzero(np.diff(stands, prepend=False, append=False))
    shift = np.zeros((len(stands) + 1, 2))
    known = np.zeros(len(shift), bool)
    for first, last in edges.reshape(-1, 2):
        path = np.cumsum(slide[first:last], axis=0)
        path = np.concatenate([np.zeros((1, 2)), path])
        shift[first : last + 1] = path.mean(axis=0) - path
        known[first : last + 1] = True
    if known.any():
        shift = _eased(shift, known)
    lengths = np.linalg.norm(shift, axis=-1, keepdims=True)
    return shift * np.minimum(1, _FARTHEST / np.maximum(lengths, 1e-9))


def _eased(values: Float[np.ndarray, "T 2"], known: Bool[np.ndarray, " T"]) -> Float[np.ndarray, "T 2"]:
    """Fills what is not known, going from one known value to the next without a jerk."""
    at = np.flatnonzero(known)
    frames = np.clip(np.arange(len(values)), at[0], at[-1])
    after = np.clip(np.searchsorted(at, frames), 1, max(len(at) - 1, 1)) if len(at) > 1 else np.zeros(len(frames), int)
    before = np.maximum(after - 1, 0)
    span = np.maximum(at[after] - at[before], 1)
    part = np.clip((frames - at[before]) / span, 0, 1)[:, None]
    part = part * part * (3 - 2 * part)
    return (1 - part) * values[at[before]] + part * values[at[after]]
