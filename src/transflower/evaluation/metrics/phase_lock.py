"""Phase lock of dips of the hips and of kinematic beats to beats and half beats.

Shape letters: K moments, C chance draws, R draws, P recordings.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from transflower.core.seeds import generator
from transflower.evaluation.beat_lock import BeatLock, beat_lock, chance_means
from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import Metric, NotMeasurable, Number, mean
from transflower.evaluation.music_beats import music_beats
from transflower.evaluation.system import Sample, Setting, System
from transflower.motion.beats import hip_dips, kinematic_beats

_CHANCE_DRAWS = 400
_CHANCE_PERCENTILE = 97.5
_FEWEST = 8
"""Moments of a sample that count: one or two always lock."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LockOfRecording:
    """Means over the samples of a recording."""

    lock: float
    half_lock: float
    on_beat: float
    on_half_beat: float
    chance_lock: Float[np.ndarray, " C"]
    """``lock`` of moments at random, in each of many draws."""
    chance_on_beat: Float[np.ndarray, " C"]


class PhaseLock(Metric[LockOfRecording]):
    """How moments of a dance lie between beats of the music."""

    group = "beat"

    @abstractmethod
    def moments(self, sample: Sample) -> Float[np.ndarray, " K"]:
        """The seconds of those of a sample."""

    def parts(self, system: System, setting: Setting) -> Mapping[str, LockOfRecording]:
        """Locks of each recording whose beats are known."""
        found: dict[str, LockOfRecording] = {}
        reason = "there are no samples"
        for one, samples in system.samples.items():
            try:
                locks = [beat_lock(self.moments(sample), music_beats(sample, setting)) for sample in samples]
            except NotMeasurable as error:
                reason = str(error)
                continue
            known = [lock for lock in locks if lock.moments >= _FEWEST]
            if known:
                found[one] = _mean_lock(known, generator(setting.seed, "chance", type(self).__name__, one))
            else:
                reason = f"no sample has {_FEWEST} such moments between the beats"
        if not found:
            raise NotMeasurable(reason)
        return found

    def combine(self, parts: Sequence[LockOfRecording], system: System, setting: Setting) -> Mapping[str, float]:
        """Means over recordings, and what chance reaches."""
        found = self.resample(parts, np.arange(len(parts))[None], system, setting)
        values = {key: float(one[0]) for key, one in found.items()}
        *_, lock_chance, on_beat_chance = self.numbers
        for key, draws in (
            (lock_chance, [part.chance_lock for part in parts]),
            (on_beat_chance, [part.chance_on_beat for part in parts]),
        ):
            values[key] = float(np.percentile(np.mean(draws, axis=0), _CHANCE_PERCENTILE))
        return values

    def resample(
        self, parts: Sequence[LockOfRecording], drawn: Int[np.ndarray, "R P"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """Means of all draws; what chance reaches has no interval."""
        lock, half_lock, on_beat, on_half_beat, *chances = self.numbers
        values = {
            lock: [part.lock for part in parts],
            half_lock: [part.half_lock for part in parts],
            on_beat: [part.on_beat for part in parts],
            on_half_beat: [part.on_half_beat for part in parts],
        }
        found = {key: np.array(some)[drawn].mean(axis=1) for key, some in values.items()}
        return found | {key: np.full(len(drawn), np.nan) for key in chances}


def _numbers(key: str, what: str) -> dict[str, Number]:
    """The numbers of the locks of some moments, in the order of ``LockOfRecording``."""
    return {
        f"{key}_lock": Number(title=f"{what}, phase lock", better="higher"),
        f"{key}_half_lock": Number(title=f"{what}, lock to half beats", better="higher"),
        f"{key}_on_beat": Number(title=f"{what}, on the beat", better="like real"),
        f"{key}_on_half_beat": Number(title=f"{what}, on half beats", better="like real"),
        f"{key}_lock_chance": Number(title=f"{what}, lock by chance up to"),
        f"{key}_on_beat_chance": Number(title=f"{what}, on the beat by chance up to"),
    }


class HipLock(PhaseLock):
    """Phase lock of the dips of the hips: whether the hips are lowest at the same place of every beat.

    The phase of a dip is 0 at a beat and 1 at the next. The lock is R = |mean of exp(2 pi i phase)| over the dips of a
    sample, the mean resultant length: 1 where all have one phase, whichever it is. The real part of the same mean says
    whether that phase is the beat: 1 on the beat, -1 half a beat off. For half beats the phase is twice as fast, so
    that dips at the beats and in the middles between them lock fully. All are means over samples and recordings.

    Few dips lock by chance: samples with fewer than eight do not count. And there is an upper limit for each number:
    with every dip shifted at random by up to half a beat, 97.5 % of draws are below it. Dips are minima of the height
    of the hips, smoothed over 0.05 seconds, that are 6 mm deep; they depend on the frame rate little.
    """

    source = "mean resultant length of circular statistics (Mardia and Jupp 2000)"
    numbers: ClassVar[Mapping[str, Number]] = _numbers("hip", "hips")

    def moments(self, sample: Sample) -> Float[np.ndarray, " K"]:
        """Dips of the hips."""
        return hip_dips(clip_of(sample))


class KinematicLock(PhaseLock):
    """Phase lock of kinematic beats: whether the body slows down at the same place of every beat.

    The same numbers as of the dips of the hips, for the moments at which the mean speed of the joints has a minimum,
    after a Gaussian filter of 0.06 seconds, that is a tenth of the mean speed deep. Bodies slow down between beats,
    too, so that real dances lock less by them than by their hips.
    """

    source = "mean resultant length of circular statistics (Mardia and Jupp 2000)"
    numbers: ClassVar[Mapping[str, Number]] = _numbers("kinematic", "kinematic beats")

    def moments(self, sample: Sample) -> Float[np.ndarray, " K"]:
        """Kinematic beats."""
        return kinematic_beats(sample.positions, clip_of(sample).fps)


def _mean_lock(locks: Sequence[BeatLock], random: np.random.Generator) -> LockOfRecording:
    chance = np.stack([chance_means(lock.moments, random, _CHANCE_DRAWS) for lock in locks])
    return LockOfRecording(
        lock=mean([lock.lock for lock in locks]),
        half_lock=mean([lock.half_beats for lock in locks]),
        on_beat=mean([lock.on_beat for lock in locks]),
        on_half_beat=mean([lock.on_half_beat for lock in locks]),
        chance_lock=np.abs(chance).mean(axis=0),
        chance_on_beat=chance.real.mean(axis=0),
    )
