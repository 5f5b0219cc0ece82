"""Beat lock: whether the dips of the hips are always at the same phase of the beat.

Every dip has a phase, 0 at one beat and 1 at the next. The lock is R = |mean of exp(2 pi i phase)|: 1 where all phases
are equal, and near 0 where they have nothing to do with the beats. A dance that is always late by the same part of a
beat locks too; ``near`` says how many dips are at a beat.

Shape letters: K moments, B beats.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

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
    chance: float
    """Expected value of both for as many moments at random."""
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
    hands = np.exp(2j * np.pi * phases)
    return BeatLock(
        lock=_resultant(hands),
        half_beats=_resultant(hands**2),
        chance=_chance(len(phases)),
        near=float(is_near(phases).mean()) if len(phases) else math.nan,
        near_chance=2 * NEAR_BEATS,
        moments=len(phases),
    )


def _resultant(hands: np.ndarray) -> float:
    return float(abs(hands.mean())) if len(hands) else math.nan


def _chance(count: int) -> float:
    """Expected length of the mean of so many random hands."""
    if count == 0:
        return math.nan
    # Exact for many; two are off by 2 %.
    return 1.0 if count == 1 else math.sqrt(math.pi / (4 * count))
