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
    beat, none = _likelihoods(ratios, first)
    return [Message(beat=one, none=float(other)) for one, other in zip(beat, none, strict=True)]


def likelihood(ratios: Float[np.ndarray, " F"], first: int) -> Message:
    """How likely each state makes all of these frames together."""
    beat, none = _likelihoods(ratios, first)
    return Message(beat=np.multiply.reduce(beat, axis=0), none=float(np.multiply.reduce(none)))


def _likelihoods(
    ratios: Float[np.ndarray, " F"], first: int
) -> tuple[Float32[np.ndarray, "F R P"], Float[np.ndarray, " F"]]:
    phase = phases(np.arange(first, first + len(ratios)))
    beat = phase - np.rint(phase)  # In place from here on: a bell around phase 0.
    beat /= np.float32(_WIDTH)
    np.multiply(beat, np.float32(-0.5) * beat, out=beat)
    np.exp(beat, out=beat)
    beat *= (ratios - 1).astype(np.float32)[:, None, None]
    beat += 1
    # Where there is no beat, onsets come at any phase: chance agrees with some tempo, and must not count for it.
    return beat, 1 + (ratios - 1) * _WIDTH * np.sqrt(2 * np.pi)


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
    share, restart = np.float32(_STEP_SHARE), np.float32(_RESTART * _SECONDS)
    mean = values.mean()
    # Twice around, and the phase before: each row moved round is then one piece of it.
    around = np.concatenate([values[:, -1:], values, values], axis=1)
    # What sliding_window_view gives, in a thirtieth of its time.
    shape, strides = (len(values), PHASES + 1, PHASES + 1), (*around.strides, around.strides[1])
    pieces: np.ndarray = np.ndarray(shape, around.dtype, around, strides=strides)
    spread = (1 - 2 * share) * values
    spread[0] += share * values[0]
    spread[-1] += share * values[-1]
    spread[1:] += share * _shifted(pieces[:-1], up)
    spread[:-1] += share * _shifted(pieces[1:], -up)
    spread *= 1 - restart
    spread += restart * mean
    return spread


def _shifted(pieces: Float32[np.ndarray, "R S Q"], by: Float[np.ndarray, " R"]) -> Float32[np.ndarray, "R P"]:
    """Each row moved round by so many phases, with linear interpolation, of its pieces that begin at each phase."""
    whole = np.floor(by)
    part = (by - whole).astype(np.float32)[:, None]
    moved = pieces[np.arange(len(pieces)), -whole.astype(int) % PHASES]
    return (1 - part) * moved[:, 1:] + part * moved[:, :-1]
