"""Beat alignment: how well a dance keeps the beats of its music.

Every metric stands beside its chance level, the value that random moments in the same stretch would get. Without it a
nervous dance (many motion beats) or fast music (many beats) looks well timed.

Shape letters: K, B moments, T frames, J joints.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # scipy.signal is imported when it is first used
from jaxtyping import Float, Int
from scipy.ndimage import gaussian_filter1d

from transflower.core.errors import DataError
from transflower.evaluation.kinetic_features import at_rate
from transflower.motion.beats import hip_dips
from transflower.motion.clip import Clip

SCORE_SECONDS = 0.05
"""Width of the bell that scores an offset in beat alignment scores: three frames of 60 a second."""
_NEAR_SECONDS = 0.1
"""So far outside the other moments one is still compared."""
_SCORE_FPS = 60.0
"""Frames per second of the published kinematic beats."""
_AIST_FRAMES = 10
"""A kinematic beat of AIST++ is the slowest frame of so many on either side."""
_NEXT = 1 + np.arange(_AIST_FRAMES)
_NONE = np.zeros(0, int)
_BAILANDO_SMOOTHING_FRAMES = 5.0
"""Standard deviation of the filter over the speed of which Bailando takes the minima."""
_SPEED_DECIMALS = 7
"""Of metres a frame."""
_CHANCE_STEP_SECONDS = 0.005
_SHIFTS = 64
"""Shifts of the music over which a chance level is averaged."""


@dataclass(frozen=True, kw_only=True)
class BeatMetrics:
    """Offsets between the moments at which a body slows down and the beats of its music."""

    error_ms: float
    """Mean distance from a kinematic beat to the nearest beat of the music."""
    error_chance_ms: float
    """The same for moments at random: a quarter of the beat period where it is regular."""
    miss_ms: float
    """Mean distance from a beat of the music to the nearest kinematic beat."""
    miss_chance_ms: float
    """The same for music at random."""
    motion_beats: int
    """Kinematic beats that were compared."""
    music_beats: int
    """Beats of the music that were compared."""


@dataclass(frozen=True, kw_only=True)
class HipBeatMetrics:
    """Offsets of the dips of the hips from the beats of the music."""

    seconds: float
    """Mean distance of a dip of the hips from the nearest beat; NaN where there is no dip."""
    chance: float
    """The mean of the same over shifts of the music."""
    dips_per_beat: float
    """How many dips there are for every beat; 1 in the synthetic dances."""


def beat_metrics(motion_beats: Float[np.ndarray, " K"], music_beats: Float[np.ndarray, " B"]) -> BeatMetrics:
    """Compare moments of the motion with those of the music, both in seconds and ascending.

    Compared is the stretch that both cover; metrics that have nothing to compare are NaN.

    Raises:
        DataError: fewer than two beats in the music.
    """
    motion, music = np.asarray(motion_beats, np.float64), np.asarray(music_beats, np.float64)
    if music.size < 2:
        raise DataError(f"{music.size} beats in the music are too few to measure offsets; two are needed")
    motion_in, music_in = _within(motion, music), _within(music, motion)
    return BeatMetrics(
        error_ms=1000 * _mean(_offsets(motion_in, music)),
        error_chance_ms=1000 * _chance_offset(music),
        miss_ms=1000 * _mean(_offsets(music_in, motion)),
        miss_chance_ms=1000 * _chance_offset(motion),
        motion_beats=motion_in.size,
        music_beats=music_in.size,
    )


def hip_beat_metrics(clip: Clip, beats: Float[np.ndarray, " B"]) -> HipBeatMetrics:
    """Compare the dips of the hips with the beats of the music, in seconds, up to the end of the clip."""
    beats = np.asarray(beats, float)
    period = (beats[-1] - beats[0]) / (len(beats) - 1)
    beats = beats[: max(1, int(np.searchsorted(beats, clip.seconds, side="right")))]
    dips = hip_dips(clip)
    dips = dips[(dips >= beats[0] - period / 2) & (dips <= beats[-1] + period / 2)]
    shifts = period * np.arange(_SHIFTS) / _SHIFTS
    return HipBeatMetrics(
        seconds=_mean_distance(dips, beats, period),
        chance=float(np.mean([_mean_distance(dips + shift, beats, period) for shift in shifts])),
        dips_per_beat=len(dips) / len(beats),
    )


def alignment_score(moments: Float[np.ndarray, " K"], targets: Float[np.ndarray, " B"]) -> float:
    """Mean over moments of exp(-d^2 / (2 * 0.05 s ^2)), d to the nearest target; 0 where there are none of either.

    With kinematic beats as moments it is that of AIST++, with beats of the music as moments that of Bailando.
    """
    return float(_bell(_offsets(moments, targets)).mean()) if moments.size and targets.size else 0.0


def alignment_chance(targets: Float[np.ndarray, " B"], start: float, end: float) -> float:
    """The expected score of moments at random between two seconds."""
    return alignment_score(np.arange(start, end, _CHANCE_STEP_SECONDS), targets)


def aist_beats(positions: Float[np.ndarray, "T J 3"], fps: float) -> Float[np.ndarray, " K"]:
    """Kinematic beats as AIST++ takes them: the mean speed of the joints is less than in ten steps on either side."""
    speed = _speed(positions, fps)
    starts, ends = _minima(speed)
    around = np.pad(speed, _AIST_FRAMES, constant_values=np.inf)
    # The frames before each minimum, and those after it.
    sides = np.stack([starts[:, None] + np.arange(_AIST_FRAMES), ends[:, None] + _AIST_FRAMES + _NEXT], axis=1)
    is_slowest = (around[sides] > speed[starts][:, None, None]).all(axis=(1, 2))
    return _moments(starts[is_slowest], ends[is_slowest])


def bailando_beats(positions: Float[np.ndarray, "T J 3"], fps: float) -> Float[np.ndarray, " K"]:
    """Kinematic beats as Bailando takes them: minima of the mean speed of the joints, smoothed over five frames."""
    speed = _speed(positions, fps)
    return _moments(*_minima(gaussian_filter1d(speed, _BAILANDO_SMOOTHING_FRAMES) if speed.size else speed))


def _speed(positions: np.ndarray, fps: float) -> Float[np.ndarray, " _"]:
    speed = np.linalg.norm(np.diff(at_rate(positions, fps, _SCORE_FPS), axis=0), axis=-1).mean(axis=1)
    # Of even motion, rounding errors are no minima.
    return np.asarray(speed.round(_SPEED_DECIMALS))


def _minima(speed: np.ndarray) -> tuple[Int[np.ndarray, " K"], Int[np.ndarray, " K"]]:
    """First and last step of each; a few steps that are equally slow are one."""
    if not speed.size:
        return _NONE, _NONE
    _, found = scipy.signal.find_peaks(-speed, plateau_size=1)
    return found["left_edges"], found["right_edges"]


def _moments(starts: Int[np.ndarray, " K"], ends: Int[np.ndarray, " K"]) -> Float[np.ndarray, " K"]:
    # A step lies between two frames.
    return (0.5 * (starts + ends) + 0.5) / _SCORE_FPS


def _within(moments: np.ndarray, others: np.ndarray) -> np.ndarray:
    if others.size == 0:
        return moments[:0]
    return moments[(moments >= others[0] - _NEAR_SECONDS) & (moments <= others[-1] + _NEAR_SECONDS)]


def _offsets(moments: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Distance of each moment to the nearest target."""
    if targets.size == 0 or moments.size == 0:
        return np.zeros(0)
    right = np.searchsorted(targets, moments).clip(0, targets.size - 1)
    left = (right - 1).clip(0)
    return np.asarray(np.minimum(np.abs(moments - targets[left]), np.abs(moments - targets[right])))


def _chance_offset(targets: np.ndarray) -> float:
    """Mean distance to the nearest target of a moment uniform between the first and the last."""
    gaps = np.diff(targets)
    return float(np.sum(gaps**2) / 4 / np.sum(gaps)) if gaps.size else float("nan")


def _bell(offsets: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-(offsets**2) / (2 * SCORE_SECONDS**2)))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _mean_distance(moments: Float[np.ndarray, " K"], beats: Float[np.ndarray, " B"], period: float) -> float:
    if len(moments) == 0:
        return float("nan")
    # The grid is extended at both ends, so that a shifted dip always has a beat near it.
    grid = np.concatenate([[beats[0] - period], beats, [beats[-1] + period, beats[-1] + 2 * period]])
    right = np.clip(np.searchsorted(grid, moments), 1, len(grid) - 1)
    return float(np.minimum(np.abs(grid[right] - moments), np.abs(moments - grid[right - 1])).mean())
