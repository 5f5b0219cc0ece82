"""Where the beats of a song are, and where in the song each moment is.

Shape letters: K beats, N moments.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from transflower.synthetic.curves import Number


@runtime_checkable
class BeatGrid(Protocol):
    """The musical time of a song, counted in beats from its first one."""

    @property
    def beat_seconds(self) -> float:
        """The mean length of a beat."""
        ...

    def seconds(self, beat: Number, more: float) -> float:
        """When ``beat + more`` is; ``more`` is part of a bar."""
        ...

    def beats(self, seconds: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
        """How many beats lie between the first one and each of these moments."""
        ...


@dataclass(frozen=True)
class RegularGrid:
    """All beats are equally long."""

    first: float
    """Seconds."""
    beat_seconds: float

    def seconds(self, beat: Number, more: float) -> float:
        """When ``beat + more`` is."""
        return self.first + beat * self.beat_seconds + more * self.beat_seconds

    def beats(self, seconds: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
        """How many beats lie between the first one and each of these moments."""
        return (seconds - self.first) / self.beat_seconds


class WarpedGrid:
    """Beats of any lengths; before the first and after the last ones it goes on as there."""

    def __init__(self, times: Float[np.ndarray, "K"]) -> None:
        """``times`` are the seconds of at least two beats."""
        first, last = times[1] - times[0], times[-1] - times[-2]
        self._times = np.concatenate([[times[0] - _FAR * first], times, [times[-1] + _FAR * last]])
        self._numbers = np.concatenate([[-_FAR], np.arange(len(times)), [len(times) - 1 + _FAR]]).astype(float)
        self.beat_seconds = float((times[-1] - times[0]) / (len(times) - 1))

    def seconds(self, beat: Number, more: float) -> float:
        """When ``beat + more`` is."""
        return float(np.interp(beat + more, self._numbers, self._times))

    def beats(self, seconds: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
        """How many beats lie between the first one and each of these moments."""
        return np.interp(seconds, self._times, self._numbers)


_FAR = 64
"""Beats that a grid goes on before its first and after its last beat."""
