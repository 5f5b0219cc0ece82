"""What is said of the beats of a song, and of how well dances keep them."""

from collections.abc import Sequence

import numpy as np

from transflower.evaluation.beat_lock import BeatLock, hip_beat_lock
from transflower.features.audio.beat_times import HeardBeats
from transflower.motion.clip import Clip

_STEADY = 1.06
"""A song whose fastest tempo is not this much faster than its slowest has one tempo."""
_THROUGHOUT = 0.9
"""Share of a song with a beat from which on it has one throughout."""


def told_beats(name: str, beats: HeardBeats, clips: Sequence[Clip], *, is_given: bool = False) -> str:
    """One line: the tempo at which a song is danced, how sure it is, and how well the dances keep the beat."""
    if not beats.is_heard:
        return f"{name}: too few beats to speak of" if is_given else f"{name}: no beat heard"
    told = f"{name}: danced at {_tempo(beats)}, " + ("as given" if is_given else f"{beats.certainty:.0%} sure")
    if beats.share < _THROUGHOUT:
        told += f" in the {beats.share:.0%} of the song that have a beat"
    locks = [hip_beat_lock(clip, beats.times) for clip in clips]
    return f"{told}; {_lock(locks)}" if locks else told


def _tempo(beats: HeardBeats) -> str:
    slowest, fastest = beats.bpm_range
    if fastest < _STEADY * slowest:
        return f"{beats.bpm:.0f} beats per minute"
    return f"{slowest:.0f} to {fastest:.0f} beats per minute, mostly {beats.bpm:.0f}"


def _lock(locks: Sequence[BeatLock]) -> str:
    found = [lock for lock in locks if lock.moments]
    if not found:
        return "the hips do not go up and down"
    least, most = min(lock.lock for lock in found), max(lock.lock for lock in found)
    value = f"{most:.2f}" if f"{least:.2f}" == f"{most:.2f}" else f"{least:.2f} to {most:.2f}"
    subject = "the dance keeps" if len(locks) == 1 else "the dances keep"
    chance = float(np.mean([lock.chance for lock in found]))
    return f"{subject} the beat by {value} (1 is always, {chance:.2f} is chance)"
