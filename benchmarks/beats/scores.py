"""How well a hand, which points straight up at each beat, agrees with the beats of a song.

Fast music is danced at half its tempo, so two things are compared: every beat with the hand as it turned before it was
slowed down, and the beats that are danced with the hand as it is. Shape letters: T rows, K beats.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Complex128, Float

from transflower.evaluation.beat_lock import NEAR_BEATS, beat_phases
from transflower.features.audio.beat_times import heard_beats

FIRST_SECONDS = 8.0
"""What comes before is not compared: a tracker must have heard some music."""
NEAR_SECONDS = 0.07
"""A beat is found by one that is at most so far."""
ALWAYS_WHOLE_BPM, ALWAYS_HALVED_BPM = 130.0, 144.0
"""Slower music is danced at its own tempo, faster at half of it; between, either is right."""
_SAME_TEMPO = 0.08
_OCTAVES = {"right": 1.0, "half": 0.5, "double": 2.0}
_TEMPO_SECONDS = 4.0
"""Over so much of the song its tempo is compared."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Hand:
    """What is read of a song: row k is at ``k / fps`` seconds."""

    values: Complex128[np.ndarray, " T"]
    """Straight up, 1, at a beat, turning positively; the less sure, the shorter."""
    fps: float

    def beats(self) -> Float[np.ndarray, " K"]:
        """Seconds at which it passes straight up, however short it is."""
        length = np.abs(self.values)
        unit = self.values / np.where(length > 0, length, 1)
        columns = np.column_stack([unit.real, unit.imag])
        return heard_beats(columns, ("beat_cos", "beat_sin"), self.fps).times


def score(hand: Hand, beats: Float[np.ndarray, " K"], *, half_beats: bool = False) -> dict[str, float]:
    """Scores of a hand against the beats of a song, the first seconds left out.

    ``R`` is the mean of exp(2 pi i phase) of the beats that were found, ``F`` the F-measure at 70 ms, ``near`` the
    share of the rows at which the hand is within 15 % of a beat, ``late ms`` how late beats are found in the mean; of
    tempi the shares of the rows in which they are ``right``, ``half``, ``double`` or ``other``. ``dance R`` and so on
    are of the beats that are danced.

    With ``half_beats`` the middles between beats count as beats, and the hand turns twice as fast.
    """
    beats = np.asarray(beats, float)
    times = np.arange(len(hand.values)) / hand.fps
    is_heard = (times >= max(FIRST_SECONDS, beats[0])) & (times <= beats[-1])
    truth = np.interp(times, beats, np.arange(len(beats)))
    ratio = _tempo_ratio(hand, truth)
    bpm = 60 * np.gradient(truth, times) if len(times) > 1 else np.zeros(len(times))
    is_slowed = (bpm > ALWAYS_WHOLE_BPM) & (ratio < np.sqrt(0.5)) & (ratio > np.sqrt(0.125))
    whole = Hand(values=np.where(is_slowed, hand.values**2, hand.values), fps=hand.fps)
    if half_beats:
        doubled = Hand(values=whole.values**2, fps=hand.fps)
        music = _agreement(doubled, _with_middles(beats), is_heard)
        dance = music  # Of which two beats one is danced cannot be judged where beats are half a beat off.
    else:
        music = _agreement(whole, beats, is_heard)
        dance = max((_agreement(hand, some, is_heard) for some in danced(beats)), key=lambda found: found["near"])
    return {
        **music,
        **_octaves(np.where(is_slowed, 2 * ratio, ratio)[is_heard]),
        **{f"dance {name}": value for name, value in dance.items()},
    }


def danced(beats: Float[np.ndarray, " K"]) -> list[Float[np.ndarray, " K"]]:
    """What may be danced to: the beats, or every second of them where they are fast."""
    bpm = 60 / float(np.median(np.diff(beats)))
    halves = [beats[::2], beats[1::2]] if bpm > ALWAYS_WHOLE_BPM else []
    return halves if bpm > ALWAYS_HALVED_BPM else [beats, *halves]


def f_measure(found: Float[np.ndarray, " K"], beats: Float[np.ndarray, " L"]) -> float:
    """Of moments that lie within 70 ms of each other, each in one pair at most; both ascending."""
    hits = first = 0
    for beat in beats:
        while first < len(found) and found[first] < beat - NEAR_SECONDS:
            first += 1
        if first < len(found) and found[first] <= beat + NEAR_SECONDS:
            hits += 1
            first += 1
    return 2 * hits / (len(found) + len(beats)) if len(found) + len(beats) else 0.0


def _agreement(hand: Hand, beats: Float[np.ndarray, " K"], is_heard: Bool[np.ndarray, " T"]) -> dict[str, float]:
    times = np.arange(len(hand.values)) / hand.fps
    heard = times[is_heard]
    if len(heard) == 0:
        return dict.fromkeys(("R", "F", "near", "late ms"), np.nan)
    found = _between(hand.beats(), heard[0], heard[-1])
    phases = beat_phases(found, beats)
    truth = np.interp(heard, beats, np.arange(len(beats)))
    values = hand.values[is_heard]
    off = np.angle(values * np.exp(-2j * np.pi * truth)) / (2 * np.pi)
    mean = complex(np.exp(2j * np.pi * phases).mean()) if len(phases) else 0j
    return {
        "R": abs(mean),
        "F": f_measure(found, _between(beats, heard[0], heard[-1])),
        "near": float(((np.abs(off) <= NEAR_BEATS) & (np.abs(values) > 0)).mean()),
        "late ms": 1000 * float(np.angle(mean) / (2 * np.pi) * np.median(np.diff(beats))),
    }


def _tempo_ratio(hand: Hand, truth: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"]:
    """Turns of the hand for each beat, in the seconds around each row."""
    if len(truth) < 2:
        return np.zeros(len(truth))
    steps = np.angle(hand.values[1:] * hand.values[:-1].conj()) / (2 * np.pi)
    turns = np.concatenate([[0], np.cumsum(steps)])
    reach = max(1, round(_TEMPO_SECONDS / 2 * hand.fps))
    rows = np.arange(len(truth))
    before, after = np.maximum(rows - reach, 0), np.minimum(rows + reach, len(truth) - 1)
    passed = truth[after] - truth[before]
    return np.asarray((turns[after] - turns[before]) / np.where(passed > 0, passed, np.inf))


def _octaves(ratio: Float[np.ndarray, " T"]) -> dict[str, float]:
    shares = {
        name: float((np.abs(ratio / wanted - 1) <= _SAME_TEMPO).mean()) if len(ratio) else np.nan
        for name, wanted in _OCTAVES.items()
    }
    return {**shares, "other": 1 - sum(shares.values())}


def _with_middles(beats: Float[np.ndarray, " K"]) -> Float[np.ndarray, " K"]:
    return np.interp(np.arange(2 * len(beats) - 1) / 2, np.arange(len(beats)), beats)


def _between(moments: Float[np.ndarray, " K"], start: float, stop: float) -> Float[np.ndarray, " K"]:
    return moments[(moments >= start) & (moments <= stop)]
