"""The hidden states of the beat filter: a tempo and a phase, how they change, and what they say of a frame.

One more state says that there is no beat. A beat is where the phase is 0. Each tempo has its own row of phases, which
turns with that tempo, so that neither tempi nor phases are rounded to frames: at frame k the states of a tempo of
``bpm`` have the phases i / P + k bpm / 60 / RATE.
Smoothing passes messages forward and backward (Rabiner 1989, section III).

Shape letters: F frames, R tempi, P phases.
"""

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
_NONE_PULL = np.exp(-_PULL)
"""What no beat loses to the pull: as much as a tempo at the edge of the likely ones."""
# A random walk of steps of one row, up or down with this probability each, has the variance of the drift.
_STEP_SHARE = (_DRIFT / np.log(TEMPO_STEP)) ** 2 * _SECONDS / 2
_TURNS = BPM / (60 * RATE)
"""Turns of each row in a frame."""
_PULL_FACTOR = np.exp(-_PULL * (np.log2(BPM / _LIKELY_BPM) / _LIKELY_OCTAVES) ** 2).astype(np.float32)[:, None]
_GRID = (np.arange(PHASES) / PHASES).astype(np.float32)
_INDEX = np.arange(PHASES)


@dataclass(frozen=True, kw_only=True, eq=False)
class Message:
    """A number for each state: probabilities, or how likely each makes what follows."""

    beat: Float32[np.ndarray, "R P"]
    none: float
    """Of no beat."""

    @property
    def normalised(self) -> "Message":
        """Scaled so that all numbers add up to 1."""
        total = float(self.beat.sum()) + self.none
        return Message(beat=self.beat / np.float32(total), none=self.none / total)

    def __mul__(self, other: "Message") -> "Message":
        return Message(beat=self.beat * other.beat, none=self.none * other.none)


def nothing_heard() -> Message:
    """Probabilities before the music starts."""
    return Message(beat=np.zeros((len(BPM), PHASES), np.float32), none=1.0)


def nothing_follows() -> Message:
    """What every state makes of the time after the end: the same."""
    return Message(beat=np.ones((len(BPM), PHASES), np.float32), none=1.0).normalised


def phases(frames: Int[np.ndarray, " F"]) -> Float32[np.ndarray, "F R P"]:
    """Phase of each state, from 0 to 2 beats."""
    offsets = np.mod(frames[:, None] * _TURNS, 1).astype(np.float32)
    return offsets[..., None] + _GRID


def likelihoods(ratios: Float[np.ndarray, " F"], first: int) -> list[Message]:
    """How likely each state makes each frame, if a beat does so by ``ratios``; numbered from ``first`` on."""
    phase = phases(np.arange(first, first + len(ratios)))
    distance = (phase - np.rint(phase)) / np.float32(_WIDTH)
    bell = np.exp(np.float32(-0.5) * distance * distance)
    beat = 1 + (ratios - 1).astype(np.float32)[:, None, None] * bell
    # Where there is no beat, onsets come at any phase: chance agrees with some tempo, and must not count for it.
    none = 1 + (ratios - 1) * _WIDTH * np.sqrt(2 * np.pi)
    return [Message(beat=one, none=float(other)) for one, other in zip(beat, none, strict=True)]


def forward(message: Message, frame: int) -> Message:
    """Probabilities after a change of state at ``frame``, the last of a block; they add up to 1."""
    start, stop = _START * _SECONDS, _STOP * _SECONDS
    beat = _PULL_FACTOR * ((1 - stop) * _spread(message.beat, frame) + start * message.none / message.beat.size)
    none = _NONE_PULL * ((1 - start) * message.none + stop * float(message.beat.sum()))
    return Message(beat=beat.astype(np.float32), none=none).normalised


def backward(message: Message, frame: int) -> Message:
    """The transpose of ``forward``, up to scale."""
    start, stop = _START * _SECONDS, _STOP * _SECONDS
    beat, none = _PULL_FACTOR * message.beat, _NONE_PULL * message.none
    back = (1 - stop) * _spread(beat, frame) + stop * none
    return Message(beat=back.astype(np.float32), none=(1 - start) * none + start * float(beat.mean())).normalised


def _spread(values: Float32[np.ndarray, "R P"], frame: int) -> Float32[np.ndarray, "R P"]:
    """Shares go to the tempi on either side, at the same phases, and a little to everywhere; its own transpose."""
    offsets = np.mod(frame * _TURNS, 1)
    up = PHASES * (offsets[:-1] - offsets[1:])
    spread = (1 - 2 * np.float32(_STEP_SHARE)) * values
    spread[[0, -1]] += np.float32(_STEP_SHARE) * values[[0, -1]]
    spread[1:] += np.float32(_STEP_SHARE) * _shifted(values[:-1], up)
    spread[:-1] += np.float32(_STEP_SHARE) * _shifted(values[1:], -up)
    restart = np.float32(_RESTART * _SECONDS)
    return (1 - restart) * spread + restart * values.mean()


def _shifted(values: Float32[np.ndarray, "R P"], by: Float[np.ndarray, " R"]) -> Float32[np.ndarray, "R P"]:
    """Each row moved round by so many phases, with linear interpolation."""
    whole = np.floor(by).astype(int)
    part = (by - whole).astype(np.float32)[:, None]
    rows, source = np.arange(len(values))[:, None], (_INDEX - whole[:, None]) % PHASES
    # Before phase 0 comes the last one, as index -1 says.
    return (1 - part) * values[rows, source] + part * values[rows, source - 1]
