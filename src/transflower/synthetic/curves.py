"""Curves over musical time: the building blocks of moves.

Time is counted in beats from the start of a phrase; every curve repeats with its period, so that a phrase can begin
a little early and end a little late under a cross-fade. Shape letters: T times, K keys, C columns of a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

PHRASE_BEATS = 8
"""Beats of a phrase: the dancers' eight."""

Number = int | float
"""What people write in a move: whole beats and degrees as integers."""


@runtime_checkable
class Curve(Protocol):
    """Anything with a value at every beat."""

    def at(self, beats: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        """The values at the given times, in beats from the start of the phrase."""
        ...


@dataclass(frozen=True)
class Hold:
    """The same value at every beat."""

    size: Number

    def at(self, beats: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        """The values at the given times."""
        return np.full(len(beats), float(self.size))


@dataclass(frozen=True)
class Swing:
    """A cosine: ``size`` at ``peak`` and every ``period`` beats after it, ``-size`` half way between."""

    size: Number
    period: Number = 2.0
    peak: Number = 0.0

    def at(self, beats: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        """The values at the given times."""
        return self.size * np.cos(2 * np.pi * (beats - self.peak) / self.period)


@dataclass(frozen=True)
class Pulse:
    """A bump from 0 to ``size`` and back around ``peak``, once a period; a higher ``sharpness`` makes it shorter."""

    size: Number
    period: Number = 1.0
    peak: Number = 0.0
    sharpness: Number = 1.5

    def at(self, beats: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        """The values at the given times."""
        bump = 0.5 + 0.5 * np.cos(2 * np.pi * (beats - self.peak) / self.period)
        return self.size * bump**self.sharpness


@dataclass(frozen=True)
class Keys:
    """Values reached at certain beats, left and reached at rest: the body rests at a key and moves between keys.

    ``dwell`` is the part of the way to the next key that is spent near the two keys.
    """

    keys: Sequence[tuple[Number, Number]]
    period: Number = PHRASE_BEATS
    dwell: Number = 0.2

    def at(self, beats: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        """The values at the given times."""
        times = np.array([beat for beat, _ in self.keys], float)
        values = np.array([value for _, value in self.keys], float)
        return through_keys(times, values[:, None], self.period, self.dwell, beats)[:, 0]


def through_keys(
    times: Float[np.ndarray, "K"],
    values: Float[np.ndarray, "K C"],
    period: Number,
    dwell: Number,
    beats: Float[np.ndarray, "T"],
) -> Float[np.ndarray, "T C"]:
    """Periodic interpolation through keys, at rest on each of them."""
    times = np.concatenate([[times[-1] - period], times, [times[0] + period]])
    values = np.concatenate([values[-1:], values, values[:1]])
    # Folded to one period that starts at the first key, so that every time has a key on either side.
    folded = times[1] + np.mod(beats - times[1], period)
    left = np.clip(np.searchsorted(times, folded, side="right") - 1, 0, len(times) - 2)
    part = (folded - times[left]) / np.maximum(times[left + 1] - times[left], 1e-9)
    weight = ease(np.clip((part - dwell / 2) / (1 - dwell), 0, 1))[:, None]
    return values[left] + weight * (values[left + 1] - values[left])


def ease(part: Float[np.ndarray, "*B"]) -> Float[np.ndarray, "*B"]:
    """From 0 to 1 with the least jerk: at rest, without acceleration, at both ends."""
    return part**3 * (10 - 15 * part + 6 * part**2)
