"""Beat lock: whether moments of a dance, such as dips of the hips, are always at the same phase of the beat.

Every moment has a phase, 0 at one beat and 1 at the next. The lock is R = |mean of exp(2 pi i phase)|: 1 where all
phases are equal, and near 0 where they have nothing to do with the beats. A dance that is always late by the same part
of a beat locks too; the real part of the mean says whether it is on the beat, and ``near`` how many moments are.

Shape letters: K moments, B beats, R draws.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float

from transflower.core.errors import DataError
from transflower.motion.beats import NEAR_BEATS, beat_phases, hip_dips, is_near
from transflower.motion.clip import Clip


@dataclass(frozen=True, kw_only=True)
class BeatLock:
    """How moments of a dance lie between the beats of its music."""

    lock: float
    """R, 0 to 1; NaN where no moment is compared."""
    half_beats: float
    """The same for beats and the middles between them: 1 for a dance that dips at either."""
    on_beat: float
    """Real part of the mean of exp(2 pi i phase): 1 on the beat, -1 half a beat off, 0 by chance."""
    on_half_beat: float
    """The same for half beats: 1 on a beat or in the middle of two."""
    chance: float
    """Expected value of lock and half_beats for as many moments at random."""
    near: float
    """Share of the moments within 15 % of a beat."""
    near_chance: float
    """The same for moments at random."""
    moments: int
    """How many moments are compared."""


def hip_beat_lock(clip: Clip, beats: Float[np.ndarray, " B"]) -> BeatLock:
    """The lock of the dips of the hips to beats in seconds, moment 0 of the clip being moment 0 of the music."""
    return beat_lock(hip_dips(clip), beats)


def beat_lock(moments: Float[np.ndarray, " K"], beats: Float[np.ndarray, " B"]) -> BeatLock:
    """The lock of moments to beats, both in seconds and ascending; what lies outside the beats or in a gap is left out.

    Raises:
        DataError: fewer than two beats.
    """
    if len(beats) < 2:
        raise DataError(f"{len(beats)} beats are too few to have phases between them; two are needed")
    phases = beat_phases(moments, beats)
    phases = phases[np.isfinite(phases)]
    unit_vectors = np.exp(2j * np.pi * phases)
    return BeatLock(
        lock=_resultant(unit_vectors),
        half_beats=_resultant(unit_vectors**2),
        on_beat=_real_part(unit_vectors),
        on_half_beat=_real_part(unit_vectors**2),
        chance=_chance(len(phases)),
        near=float(is_near(phases).mean()) if len(phases) else math.nan,
        near_chance=2 * NEAR_BEATS,
        moments=len(phases),
    )


def chance_means(count: int, generator: np.random.Generator, draws: int) -> Complex[np.ndarray, " R"]:
    """Means of exp(2 pi i phase) of so many moments, each shifted at random by up to half a beat: all phases are even.

    NaN where there is no moment.
    """
    if count == 0:
        return np.full(draws, complex(math.nan))
    return np.exp(2j * np.pi * generator.random((draws, count))).mean(axis=1)


def _real_part(unit_vectors: np.ndarray) -> float:
    return float(unit_vectors.mean().real) if len(unit_vectors) else math.nan


def _resultant(unit_vectors: np.ndarray) -> float:
    return float(abs(unit_vectors.mean())) if len(unit_vectors) else math.nan


def _chance(count: int) -> float:
    """Expected length of the mean of so many random unit vectors."""
    if count == 0:
        return math.nan
    # Exact for many; two are off by 2 %.
    return 1.0 if count == 1 else math.sqrt(math.pi / (4 * count))
