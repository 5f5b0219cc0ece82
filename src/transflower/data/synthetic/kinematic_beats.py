"""Whether a dance keeps time: when the hips are lowest, beside when the music's beats are.

Shape letters: T frames, K beats, L moments.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from transflower.motion.clip import Clip

_SMOOTHING_SECONDS = 0.05
_PROMINENCE_METRES = 0.006
"""A dip counts if the hips come up by so much on both sides of it."""
_SHIFTS = 64


@dataclass(frozen=True, kw_only=True)
class BeatError:
    """Offsets of the dancer's beats from the music's."""

    seconds: float
    """Mean distance of a dip of the hips from the nearest beat; NaN where there is no dip."""
    chance: float
    """What the same dips would get against music shifted at random."""
    dips_per_beat: float
    """How many dips there are for every beat; 1 in the synthetic dances."""


def hip_dips(clip: Clip) -> Float[np.ndarray, "L"]:
    """The moments, in seconds, when the hips are lowest, to a fraction of a frame."""
    height = gaussian_filter1d(clip.translations[0][:, 1], _SMOOTHING_SECONDS * clip.fps)
    frames, _ = find_peaks(-height, prominence=_PROMINENCE_METRES)
    before, at, after = height[frames - 1], height[frames], height[frames + 1]
    # Vertex of the parabola through the three frames.
    curvature = before - 2 * at + after
    return (
        frames + np.where(curvature > 0, 0.5 * (before - after) / np.where(curvature > 0, curvature, 1), 0)
    ) / clip.fps


def beat_error(clip: Clip, beats: Float[np.ndarray, "K"]) -> BeatError:
    """Compare a dance with the beats of its music (seconds), between the first and the last that it lasts for."""
    beats = np.asarray(beats, float)
    period = (beats[-1] - beats[0]) / (len(beats) - 1)
    beats = beats[: max(1, int(np.searchsorted(beats, clip.seconds, side="right")))]
    dips = hip_dips(clip)
    dips = dips[(dips >= beats[0] - period / 2) & (dips <= beats[-1] + period / 2)]
    shifts = period * np.arange(_SHIFTS) / _SHIFTS
    return BeatError(
        seconds=_mean_distance(dips, beats, period),
        chance=float(np.mean([_mean_distance(dips + shift, beats, period) for shift in shifts])),
        dips_per_beat=len(dips) / len(beats),
    )


def _mean_distance(moments: Float[np.ndarray, "L"], beats: Float[np.ndarray, "K"], period: float) -> float:
    if len(moments) == 0:
        return float("nan")
    # The grid goes on beyond both ends, so that a shifted dip always has a beat near it.
    grid = np.concatenate([[beats[0] - period], beats, [beats[-1] + period, beats[-1] + 2 * period]])
    right = np.clip(np.searchsorted(grid, moments), 1, len(grid) - 1)
    return float(np.minimum(np.abs(grid[right] - moments), np.abs(moments - grid[right - 1])).mean())
