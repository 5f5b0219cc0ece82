"""How clear a beat is: how probable beats are, as the network hears it, where the hand says that they are.

The filter finds the tempo that fits best, and in noise some tempo always does. What it finds there is not what the
network hears as beats: where the hand is up, or down, P(beat) is 0.05 to 0.14 for noise and applause, and above 0.3 for
music (30 songs).

Shape letters: F frames.
"""

import numpy as np
from jaxtyping import Complex128, Float

from transflower.features.audio.beat_states import RATE
from transflower.features.audio.decaying_sums import decaying_sums

_SECONDS = 4.0
"""How long what was heard counts, exponentially."""
_WIDTH = 0.04
"""Standard deviation of a beat around its moment, in turns of the hand."""
_NO_BEAT, _CLEAR_BEAT = 0.12, 0.25
"""Mean probability of a beat where the hand says one."""
_PRIOR_FRAMES = 4.0
"""Frames at a beat, of ``_NO_BEAT``, that count as heard before the first."""
_KEEP = float(np.exp(-1 / (_SECONDS * RATE)))


class BeatClarity:
    """From 0, no beat, to 1, as sound arrives."""

    def __init__(self) -> None:
        self._sums = np.zeros((2, 2))
        """Of up and down: sums of weighted probabilities, and of weights."""

    def push(self, hand: Complex128[np.ndarray, " F"], probability: Float[np.ndarray, " F"]) -> Float[np.ndarray, " F"]:
        """The clarity at the next frames. ``probability`` is the network's; NaN where there is no sound."""
        sums = _summed(_weighted(hand, probability), self._sums)
        if len(sums):
            self._sums = sums[-1]
        return _clarity(sums)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {"sums": self._sums}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._sums = np.array(state["sums"])


def whole_song_clarity(
    hand: Complex128[np.ndarray, " F"], probability: Float[np.ndarray, " F"]
) -> Float[np.ndarray, " F"]:
    """The clarity at each frame of a whole song, of what comes before and after it."""
    weighted = _weighted(hand, probability)
    before, after = (_summed(ordered, np.zeros((2, 2))) for ordered in (weighted, weighted[::-1]))
    return _clarity(before + after[::-1] - weighted)


def _weighted(hand: Complex128[np.ndarray, " F"], probability: Float[np.ndarray, " F"]) -> Float[np.ndarray, "F 2 2"]:
    """For up and down: probability times weight, and weight."""
    turn = np.angle(hand) / (2 * np.pi)
    from_beat = np.stack([turn, np.abs(turn) - 0.5], axis=1)
    weight = np.exp(-0.5 * (from_beat / _WIDTH) ** 2) * (np.isfinite(probability) & (hand != 0))[:, None]
    return np.stack([weight * np.nan_to_num(probability)[:, None], weight], axis=2)


def _summed(weighted: Float[np.ndarray, "F 2 2"], before: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "F 2 2"]:
    return decaying_sums(weighted.reshape(-1, 4), before.reshape(4), keep=_KEEP).reshape(-1, 2, 2)


def _clarity(sums: Float[np.ndarray, "F 2 2"]) -> Float[np.ndarray, " F"]:
    mean = (sums[..., 0] + _PRIOR_FRAMES * _NO_BEAT) / (sums[..., 1] + _PRIOR_FRAMES)
    return np.clip((mean.max(axis=1) - _NO_BEAT) / (_CLEAR_BEAT - _NO_BEAT), 0, 1)
