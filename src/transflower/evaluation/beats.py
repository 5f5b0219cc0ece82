"""Whether a dance keeps the beat.

A *kinematic beat* is a moment at which the whole body slows down: a local minimum of the mean speed of the joints.
Every figure stands beside its chance level, the value that moments drawn at random in the same stretch would get:
without it, a nervous dance (many minima) or fast music (many beats) looks well timed.

Shape letters: T frames, J joints, K, B moments.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from transflower.core.errors import DataError
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward

SMOOTHING_SECONDS = 0.06
"""Standard deviation of the filter over speed."""
PROMINENCE = 0.1
"""A minimum counts if it is this share of the mean speed below its surroundings."""
TOLERANCE_SECONDS = 0.1
"""Width of the bell that scores an offset in the beat alignment score."""


@dataclass(frozen=True, kw_only=True)
class BeatFigures:
    """Offsets between the moments at which a body slows down and the beats of its music."""

    error_ms: float
    """Mean distance from a kinematic beat to the nearest beat of the music."""
    error_chance_ms: float
    """The same for moments at random: a quarter of the beat period where it is regular."""
    miss_ms: float
    """Mean distance from a beat of the music to the nearest kinematic beat."""
    miss_chance_ms: float
    """The same for music at random."""
    alignment: float
    """Beat alignment score: mean of exp(-offset^2 / (2 * 0.1 s ^2)) over kinematic beats, 0 to 1."""
    alignment_chance: float
    """The same for moments at random."""
    motion_beats: int
    """Kinematic beats that were compared."""
    music_beats: int
    """Beats of the music that were compared."""


def kinematic_beats(positions: Float[np.ndarray, "T J 3"], fps: float) -> Float[np.ndarray, " K"]:
    """Moments in seconds at which the body slows down, to a fraction of a frame. Frame k is at k / fps."""
    if len(positions) < 4:
        return np.zeros(0)
    velocity = np.diff(np.asarray(positions, np.float64), axis=0) * fps
    speed = np.linalg.norm(velocity, axis=-1).mean(axis=1)
    smooth = gaussian_filter1d(speed, SMOOTHING_SECONDS * fps, mode="nearest")
    minima, _ = find_peaks(-smooth, prominence=PROMINENCE * max(smooth.mean(), 1e-9))
    before, at, after = smooth[minima - 1], smooth[minima], smooth[minima + 1]
    # Vertex of the parabola through three samples; a plateau has no curvature and keeps its middle.
    curvature = before - 2 * at + after
    shift = np.divide(0.5 * (before - after), curvature, out=np.zeros_like(at), where=curvature > 1e-12)
    # Speed k is that between frames k and k + 1.
    return np.asarray((minima + shift + 0.5) / fps)


def clip_beats(clip: Clip) -> Float[np.ndarray, " K"]:
    """``kinematic_beats`` of a clip's joints."""
    return kinematic_beats(forward(clip)[0], clip.fps)


def beat_figures(motion_beats: Float[np.ndarray, " K"], music_beats: Float[np.ndarray, " B"]) -> BeatFigures:
    """Compare moments of the motion with those of the music, both in seconds and ascending.

    Compared is the stretch that both cover; figures that have nothing to compare are NaN.

    Raises:
        DataError: fewer than two beats in the music.
    """
    motion, music = np.asarray(motion_beats, np.float64), np.asarray(music_beats, np.float64)
    if music.size < 2:
        raise DataError(f"{music.size} beats in the music are too few to measure offsets; two are needed")
    motion_in, music_in = _within(motion, music), _within(music, motion)
    errors = _offsets(motion_in, music)
    return BeatFigures(
        error_ms=1000 * _mean(errors),
        error_chance_ms=1000 * _chance_offset(music),
        miss_ms=1000 * _mean(_offsets(music_in, motion)),
        miss_chance_ms=1000 * _chance_offset(motion),
        alignment=_mean(_bell(errors)),
        alignment_chance=_mean(_bell(_offsets(np.linspace(music[0], music[-1], 64 * music.size), music))),
        motion_beats=motion_in.size,
        music_beats=music_in.size,
    )


def _within(moments: np.ndarray, others: np.ndarray) -> np.ndarray:
    if others.size == 0:
        return moments[:0]
    return moments[(moments >= others[0] - TOLERANCE_SECONDS) & (moments <= others[-1] + TOLERANCE_SECONDS)]


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
    return np.asarray(np.exp(-(offsets**2) / (2 * TOLERANCE_SECONDS**2)))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
