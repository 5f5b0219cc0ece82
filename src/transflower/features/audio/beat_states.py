"""The hidden states of the beat filter: a tempo and a phase, how they change, and what they say of a frame.

One more state says that there is no beat. A beat is where the phase is 0. Each tempo has its own row of phases, which
turns with that tempo, so that neither tempi nor phases are rounded to frames: at frame k the states of a tempo of
``bpm`` have the phases i / P + k bpm / 60 / RATE.
Smoothing passes messages forward and backward (Rabiner 1989, section III).

Shape letters: F frames, K blocks of B frames, R tempi, P phases, G messages.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from transflower.features.audio.beat_activations import BeatActivations

RATE = BeatActivations.RATE
"""Frames in a second."""
SLOWEST_BPM, FASTEST_BPM, TEMPO_STEP = 55.0, 215.0, 1.02
BPM = SLOWEST_BPM * TEMPO_STEP ** np.arange(np.ceil(np.log(FASTEST_BPM / SLOWEST_BPM) / np.log(TEMPO_STEP)))
"""The tempi ``[R]``, beats per minute."""
PHASES = 32
BLOCK = 6
"""Frames from one change of tempo to the next."""

_WIDTH = 0.03
"""Standard deviation of a beat around phase 0, in beats: one in seconds would prefer fast tempi."""
_DRIFT = 0.004
"""Standard deviation of the change of tempo in a second, in parts."""
_RESTART = 2e-4
"""Probability, in a second, that the music starts again at any tempo and phase."""
_LIKELY_BPM, _LIKELY_OCTAVES, _PULL = 105.0, 0.5, 0.05
_STOP, _START = 0.03, 0.1
"""Probabilities, in a second, that a beat stops, and that one starts."""

_SECONDS = BLOCK / RATE
_SIZE = len(BPM) * PHASES
# A random walk of steps of one row, up or down with this probability each, has the variance of the drift.
_STEP_SHARE = (_DRIFT / np.log(TEMPO_STEP)) ** 2 * _SECONDS / 2
_GOING_ON = (1 - _STOP * _SECONDS) * (1 - _RESTART * _SECONDS)
_RESTARTING = (1 - _STOP * _SECONDS) * _RESTART * _SECONDS / _SIZE
"""Probability of each state."""
_ARRIVING = _GOING_ON * _STEP_SHARE
_STAYING = np.full((len(BPM), 1), _GOING_ON * (1 - 2 * _STEP_SHARE), np.float32)
_STAYING[[0, -1]] += np.float32(_ARRIVING)  # These have one neighbour only.
_TURNS = BPM / (60 * RATE)
"""Turns of each row in a frame."""
_GRID = (np.arange(PHASES) / PHASES).astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Message:
    """A number for each state: probabilities, or how likely each makes what follows; of one moment or of several."""

    beat: Float32[np.ndarray, "*G R P"]
    none: Float[np.ndarray, "*G"] | float
    """Of no beat."""

    @property
    def normalised(self) -> "Message":
        """Scaled so that all numbers of a moment add up to 1."""
        scale = 1 / (self.beat.sum(axis=(-2, -1)).astype(float) + self.none)
        return Message(beat=self.beat * np.asarray(scale, np.float32)[..., None, None], none=self.none * scale)

    @property
    def accumulated(self) -> "Message":
        """At each moment the product of all up to it."""
        beat = self.beat.copy()
        for moment in range(1, len(beat)):  # What np.multiply.accumulate gives, in a fifth of its time.
            beat[moment] *= beat[moment - 1]
        return Message(beat=beat, none=np.multiply.accumulate(np.asarray(self.none)))

    def __mul__(self, other: "Message") -> "Message":
        return Message(beat=self.beat * other.beat, none=self.none * other.none)

    def heard(self, what: "Message", places: Sequence[int]) -> "Message":
        """Of several messages, each times what is heard at its own place."""
        beat = np.empty_like(self.beat)
        for message, place in enumerate(places):
            np.multiply(self.beat[message], what.beat[place], out=beat[message])
        return Message(beat=beat, none=self.none * np.asarray(what.none)[list(places)])

    def __getitem__(self, index: int) -> "Message":
        return Message(beat=self.beat[index], none=np.asarray(self.none)[index])


PULL = Message(
    beat=np.exp(-_PULL * (np.log2(BPM / _LIKELY_BPM) / _LIKELY_OCTAVES) ** 2).astype(np.float32)[:, None],
    # No beat loses as much as a tempo at the edge of the likely ones.
    none=math.exp(-_PULL),
)
"""How likely each state is in a block, before anything is heard; the same for all phases."""


def nothing_heard() -> Message:
    """Probabilities before the music starts."""
    return Message(beat=np.zeros((len(BPM), PHASES), np.float32), none=1.0)


def nothing_follows() -> Message:
    """What every state makes of the time after the end: the same."""
    return Message(beat=np.ones((len(BPM), PHASES), np.float32), none=1.0).normalised


def phases(frames: Int[np.ndarray, " F"]) -> Float32[np.ndarray, "F R P"]:
    """Phase of each state, from 0 to 2 beats."""
    return _offsets(frames).astype(np.float32)[..., None] + _GRID


def _offsets(frames: Int[np.ndarray, "*F"]) -> Float[np.ndarray, "*F R"]:
    """Phase of the first state of each tempo."""
    turns = frames[..., None] * _TURNS
    return np.asarray(turns - np.floor(turns))  # What np.mod gives, in a tenth of its time.


def likelihoods(ratios: Float[np.ndarray, " F"], first: int) -> Message:
    """How likely each state makes each frame, if a beat does so by ``ratios``; numbered from ``first`` on."""
    beat = phases(np.arange(first, first + len(ratios)))
    beat -= np.rint(beat)  # In place from here on: a bell around phase 0.
    np.square(beat, out=beat)
    beat *= np.float32(-0.5 / _WIDTH**2)
    np.exp(beat, out=beat)
    beat *= (ratios - 1).astype(np.float32)[:, None, None]
    beat += 1
    # Where there is no beat, onsets come at any phase: chance agrees with some tempo, and must not count for it.
    return Message(beat=beat, none=1 + (ratios - 1) * _WIDTH * np.sqrt(2 * np.pi))


def block_likelihoods(ratios: Float[np.ndarray, "K B"], first: int) -> Message:
    """How likely each state makes all frames of each block together, times the pull; blocks numbered from ``first``."""
    beat, none = np.empty((len(ratios), len(BPM), PHASES), np.float32), np.empty(len(ratios))
    for block, frames in enumerate(ratios):
        heard = likelihoods(frames, (first + block) * BLOCK)
        np.multiply.reduce(heard.beat, axis=0, out=beat[block])
        none[block] = np.multiply.reduce(heard.none)
    return Message(beat=beat, none=none) * PULL


class Changes:
    """Changes of state at the ends of blocks, of several messages at once; those that go backward are transposed.

    Shares go to the tempi on either side, at the same phases, and a little to everywhere.
    """

    def __init__(self, frames: Int[np.ndarray, "K G"], *, is_backward: Sequence[bool]) -> None:
        """``frames`` are the last ones of the blocks, for each message."""
        to_beat, to_none = _START * _SECONDS / _SIZE, _STOP * _SECONDS
        self._to_beat, self._to_none = np.array(
            [(to_none, to_beat) if backward else (to_beat, to_none) for backward in is_backward]
        ).T
        offsets = _offsets(frames)
        up = PHASES * (offsets[..., :-1] - offsets[..., 1:])
        by = np.stack([up, -up], axis=1).reshape(len(frames), -1)
        whole = np.floor(by)
        self._starts = -whole.astype(int) % PHASES
        early = _ARRIVING * (by - whole)
        self._shares = np.stack([_ARRIVING - early, early], axis=1).astype(np.float32)[..., None]
        rows = np.arange(len(is_backward) * len(BPM)).reshape(len(is_backward), -1)
        self._rows = np.stack([rows[:, :-1], rows[:, 1:]]).reshape(-1)
        # Twice around, and the phase before: each row moved round is then one piece of it.
        self._around = np.empty((rows.size, 2 * PHASES + 1), np.float32)
        # What sliding_window_view gives, in a thirtieth of its time.
        shape, strides = (rows.size, PHASES + 1, PHASES + 1), (*self._around.strides, self._around.itemsize)
        self._pieces: np.ndarray = np.ndarray(shape, np.float32, self._around, strides=strides)

    def apply(self, message: Message, block: int) -> Message:
        """What each state becomes at the end of the block of this number here; all together keep or lose a little.

        The message need not be normalised, and counts as if it were.
        """
        total = message.beat.sum(axis=(1, 2)).astype(float)
        scale = 1 / (total + message.none)
        total, none = total * scale, message.none * scale
        everywhere = _RESTARTING * total + self._to_beat * none
        beat = self._spread(message.beat * scale.astype(np.float32)[:, None, None], block)
        beat += everywhere.astype(np.float32)[:, None, None]
        return Message(beat=beat, none=(1 - _START * _SECONDS) * none + self._to_none * total)

    def _spread(self, values: Float32[np.ndarray, "G R P"], block: int) -> Float32[np.ndarray, "G R P"]:
        self._around[:, 1:].reshape(-1, 2, PHASES)[...] = values.reshape(-1, 1, PHASES)
        self._around[:, 0] = self._around[:, PHASES]
        late, early = self._shares[block]
        moved = self._pieces[self._rows, self._starts[block]]
        arriving = moved[:, 1:] * late
        moved *= early
        arriving += moved[:, :-1]
        from_below, from_above = arriving.reshape(2, len(values), -1, PHASES)
        values *= _STAYING
        values[:, 1:] += from_below
        values[:, :-1] += from_above
        return values
