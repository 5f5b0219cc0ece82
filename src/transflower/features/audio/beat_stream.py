"""Rows of the beat: whether there is one now, the dance's hand, and how sure it is.

Shape letters: N samples, T rows, F frames, K beats.
"""

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Complex128, Float, Float32

from transflower.features.audio.beat_clarity import BeatClarity, whole_song_clarity
from transflower.features.audio.beat_filter import BeatFilter, smooth
from transflower.features.audio.beat_observations import BeatObservations, ratios
from transflower.features.audio.beat_states import BLOCK, RATE
from transflower.features.audio.dance_hand import Hands
from transflower.features.audio.state import Stateful, load_states, states_of
from transflower.features.audio_settings import AudioSettings

NAMES = ("beat", "beat_cos", "beat_sin", "beat_sure")
"""The columns."""

_PULSE_SECONDS = 0.025
"""Standard deviation of the bell that the activation is around a beat."""
# Onsets make the causal reading nervous; the future tells which of them count.
_CAUSAL_POWERS = {"network_power": 0.5, "onset_power": 0.2}
_WHOLE_POWERS = {"network_power": 0.3, "onset_power": 0.3}
_SHORTEST = 0.01
"""Shorter hands are none, so that the row of no sound is exactly one."""
_ROUNDING = 1e-6
"""Part of a frame by which products of decimal fractions miss whole numbers."""


class BeatStream:
    """The causal reading, of sound at any sample rate as it arrives."""

    NAMES = NAMES

    def __init__(self, sample_rate: int, settings: AudioSettings) -> None:
        self._fps = settings.fps
        self._observations = BeatObservations(sample_rate)
        self._filter = BeatFilter()
        self._clarity = BeatClarity()
        self._hands = Hands.joined([])
        """Of the frames that rows still need."""
        self._first = 0
        """Number of the first of them."""
        self._num_rows = 0

    def push(self, sound: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, "T 4"]:
        """The rows that are complete now that ``sound`` has arrived; after the ``last``, a second of silence."""
        observed = self._observations.push(sound, last=last)
        hands = self._filter.push(ratios(observed, **_CAUSAL_POWERS))
        clear = replace(hands, hand=hands.hand * self._clarity.push(hands.hand, observed[:, 0]))
        self._hands = Hands.joined([self._hands, clear])
        known = self._first + len(self._hands.hand)
        times = np.arange(self._num_rows, math.ceil(known / RATE * self._fps - _ROUNDING)) / self._fps
        frames = np.floor(times * RATE + _ROUNDING).astype(int)
        index = frames - self._first
        hand = moved(self._hands.hand[index], self._hands.bpm[index], times - frames / RATE)
        rows = beat_rows(hand, self._hands.bpm[index])
        self._num_rows += len(rows)
        self._forget(math.floor(self._num_rows / self._fps * RATE + _ROUNDING))
        return rows

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        hand = self._hands.hand
        hands = {"hand": np.column_stack([hand.real, hand.imag]), "bpm": self._hands.bpm}
        counts = {"first": np.array(self._first), "num_rows": np.array(self._num_rows)}
        return states_of(self._parts()) | hands | counts

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding, by a stream of the same rates."""
        load_states(self._parts(), state)
        self._hands = Hands(hand=state["hand"] @ np.array([1, 1j]), bpm=np.array(state["bpm"]))
        self._first, self._num_rows = int(state["first"]), int(state["num_rows"])

    def _parts(self) -> dict[str, Stateful]:
        return {"observations": self._observations, "filter": self._filter, "clarity": self._clarity}

    def _forget(self, before: int) -> None:
        """Drop the hands of frames before number ``before``."""
        count = min(before - self._first, len(self._hands.hand))
        self._hands, self._first = self._hands[count:], self._first + count


def whole_song_rows(observed: Float[np.ndarray, "F 3"], *, num_rows: int, fps: float) -> Float32[np.ndarray, "T 4"]:
    """The reading of a whole song, of which these are the observations: each moment by what is before and after it."""
    hands = smooth(ratios(observed, **_WHOLE_POWERS))
    at_frames, _ = _hands_at(np.arange(len(observed)) / RATE, hands)
    clarity = whole_song_clarity(at_frames, observed[:, 0])
    times = np.arange(num_rows) / fps
    hand, bpm = _hands_at(times, hands)
    return beat_rows(hand * np.interp(times * RATE, np.arange(len(clarity)), clarity), bpm)


def _hands_at(
    times: Float[np.ndarray, " T"], hands: Hands
) -> tuple[Complex128[np.ndarray, " T"], Float[np.ndarray, " T"]]:
    """Hands, and their turns in a minute, between those at the ends of blocks."""
    last = len(hands.hand) - 1
    at = np.clip((times * RATE - (BLOCK - 1)) / BLOCK, 0, last)
    before = np.floor(at).astype(int)
    share = at - before
    hand, bpm = np.zeros(len(times), complex), np.zeros(len(times))
    for index, weight in ((before, 1 - share), (np.minimum(before + 1, last), share)):
        seconds = times - ((index + 1) * BLOCK - 1) / RATE
        hand += weight * moved(hands.hand[index], hands.bpm[index], seconds)
        bpm += weight * hands.bpm[index]
    return hand, bpm


def moved(
    hand: Complex128[np.ndarray, " T"], bpm: Float[np.ndarray, " T"], seconds: Float[np.ndarray, " T"]
) -> Complex128[np.ndarray, " T"]:
    """Where hands point so many seconds later."""
    return np.asarray(hand * np.exp(2j * np.pi * bpm / 60 * seconds))


def beat_rows(hand: Complex128[np.ndarray, " T"], bpm: Float[np.ndarray, " T"]) -> Float32[np.ndarray, "T 4"]:
    """Activation, cosine and sine of the hand times how sure it is, and that."""
    sure = np.minimum(np.abs(hand), 1)
    sure[sure < _SHORTEST] = 0
    hand = np.where(sure > 0, hand, 0)
    seconds = np.angle(hand) / (2 * np.pi) * 60 / np.maximum(bpm, 1)
    activation = sure * np.exp(-0.5 * (seconds / _PULSE_SECONDS) ** 2)
    return np.column_stack([activation, hand.real, hand.imag, sure]).astype(np.float32)
