"""Small dances for the tests of this folder."""

from collections.abc import Sequence

import numpy as np

from transflower.synthetic.dancer import Performance, dance

FPS = 30.0


def beat_grid(num_phrases: int, tempo: float = 110.0, first: float = 0.5) -> np.ndarray:
    """Beats in seconds, up to the first beat after the last phrase."""
    return first + 60 / tempo * np.arange(8 * num_phrases + 1)


def perform(
    moves: Sequence[str], *, style: str = "funk", tempo: float = 110.0, energy: float = 0.6, seed: int = 0
) -> tuple[Performance, np.ndarray]:
    """A dance of these moves, and its beats."""
    beats = beat_grid(len(moves), tempo)
    performance = dance(
        moves,
        beats,
        style=style,
        energies=[energy] * len(moves),
        seconds=float(beats[-1]),
        fps=FPS,
        rng=np.random.default_rng(seed),
    )
    return performance, beats
