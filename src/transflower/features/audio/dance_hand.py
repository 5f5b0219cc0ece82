"""The dance's hand: a clock hand that points up at the beats that a person dances, and never turns faster than they do.

Where the music is slow enough, it is the mean of the phases of the filter's states: the less they agree, the shorter.
Fast music is danced at half its tempo: the mean of the fast states is taken at half its angle, in that of the two
directions which is nearer to where the hand was expected. So nothing jumps when the music, or what is heard of it,
turns twice as fast.

Shape letters: F moments, R tempi, P phases.
"""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Complex128, Float, Float32, Int

from transflower.features.audio.beat_states import BPM, PHASES, RATE

HALVED_ABOVE, WHOLE_BELOW = 142.0, 132.0
"""Music faster than the first is danced at half its tempo, until it is slower than the second."""
_UNDECIDED = (118.0, 170.0)
"""Tempi between which that is decided; their mean counts, so that a tempo is not halved in parts."""
_ALWAYS_WHOLE, _ALWAYS_HALVED = 125.0, 150.0
_ENOUGH = 0.3
"""Probability of those tempi from which on they decide, and length of a hand that must not jump."""
_AT_BEAT = np.cos(2 * np.pi * 0.06)
"""Whole and half hands are the same at a beat; one takes over from the other when the hand is so far up."""
_SHORT = 0.05
"""Hands as short as this say nothing; the next is expected where the last ones pointed."""

_GRID_HANDS = np.exp(2j * np.pi * np.arange(PHASES) / PHASES).astype(np.complex64).view(np.float32).reshape(-1, 2)
"""Real and imaginary part at each phase."""
_TURNS = BPM / (60 * RATE)
"""Of each tempo in a frame."""
_IS_UNDECIDED = (_UNDECIDED[0] < BPM) & (_UNDECIDED[1] > BPM)


@dataclass(frozen=True, kw_only=True, eq=False)
class Hands:
    """The hand at each of some moments."""

    hand: Complex128[np.ndarray, " F"]
    """1 at a beat of the dance, turning positively; its length, 0 to 1, is how sure it is."""
    bpm: Float[np.ndarray, " F"]
    """Its turns in a minute."""

    @classmethod
    def joined(cls, parts: "Sequence[Hands]") -> "Hands":
        """One after another."""
        empty = cls(hand=np.zeros(0, complex), bpm=np.zeros(0))
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in [empty, *parts]]) for name in names})

    def __getitem__(self, moments: slice) -> "Hands":
        return Hands(**{field.name: getattr(self, field.name)[moments] for field in fields(self)})


class DanceHand:
    """Reads hands off probabilities, ``step`` frames after each other; before 0 they go back in time."""

    def __init__(self, step: int = 1) -> None:
        self._step = step
        self._expected = complex(1)
        self._is_fast = False

    def read(self, beat: Float32[np.ndarray, "F R P"], frames: Int[np.ndarray, " F"]) -> Hands:
        """The hands at ``frames``, given the probability of each state with a beat."""
        tempi = beat.sum(axis=2)
        turned = np.exp(2j * np.pi * np.mod(frames[:, None] * _TURNS, 1))
        hands = (beat.reshape(-1, PHASES) @ _GRID_HANDS).view(np.complex64).reshape(tempi.shape) * turned
        # Where the music is not fast, and where it is.
        whole, halved = ((hands @ mask.T).tolist() for mask in (~_IS_HALVED, _IS_HALVED))
        medians = np.stack([_medians(tempi, *way) for way in zip(_DANCED_BPM, _ORDERS, strict=True)], axis=1).tolist()
        undecided = tempi[:, _IS_UNDECIDED]
        masses, sums = undecided.sum(axis=1).tolist(), (undecided @ BPM[_IS_UNDECIDED]).tolist()
        found = np.zeros(len(frames), complex)
        bpm = np.zeros(len(frames))
        for index in range(len(frames)):
            way = int(self._is_fast)
            found[index] = hand = whole[index][way] + _halved(halved[index][way], self._expected)
            bpm[index] = medians[index][way]
            self._decide(masses[index], sums[index], hand)
            if abs(hand) > _SHORT:
                self._expected = hand / abs(hand)
            self._expected *= cmath.exp(2j * math.pi * medians[index][way] / 60 * self._step / RATE)
        return Hands(hand=found, bpm=bpm)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {"expected": np.array([self._expected.real, self._expected.imag]), "is_fast": np.array(self._is_fast)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._expected, self._is_fast = complex(*state["expected"].tolist()), bool(state["is_fast"])

    def _decide(self, mass: float, bpm_sum: float, hand: complex) -> None:
        """Whether music of a middle tempo is danced at half of it: of such tempi, probability and weighted sum."""
        if mass < _ENOUGH or (abs(hand) > _ENOUGH and hand.real < _AT_BEAT * abs(hand)):
            return
        self._is_fast = bpm_sum / mass > (WHOLE_BELOW if self._is_fast else HALVED_ABOVE)


def _halved(hand: complex, expected: complex) -> complex:
    """A hand of the same length at half the angle, in that of the two directions which is nearer to ``expected``."""
    if hand == 0:
        return hand
    half = abs(hand) * (hand / abs(hand)) ** 0.5
    return half if (half * expected.conjugate()).real >= 0 else -half


def _medians(
    weights: Float32[np.ndarray, "F R"], values: Float[np.ndarray, " R"], order: Int[np.ndarray, " R"]
) -> Float[np.ndarray, " F"]:
    total = np.cumsum(weights[:, order], axis=1)
    is_below = total < total[:, -1:] / 2
    return values[order][np.minimum(is_below.sum(axis=1), len(values) - 1)]


# Where the music is not fast, and where it is.
_IS_HALVED = np.stack([limit < BPM for limit in (_ALWAYS_HALVED, _ALWAYS_WHOLE)])
_DANCED_BPM = np.where(_IS_HALVED, BPM / 2, BPM)
"""Tempi of the dance."""
_ORDERS = np.argsort(_DANCED_BPM, axis=1)
