"""Coverage of moves: which moves appear in dances and how often, compared with their true distribution.

Shape letters: M moves, P phrases, R draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError
from transflower.evaluation.move_recognition import BAR_BEATS, UNRECOGNISED
from transflower.synthetic.curves import PHRASE_BEATS
from transflower.synthetic.ground_truth import MOVE_NAMES

_BARS_PER_PHRASE = PHRASE_BEATS // BAR_BEATS


@dataclass(frozen=True, kw_only=True)
class MoveCoverage:
    """The distribution of the moves of dances beside the true one."""

    moves_seen: int
    """Moves that appear at all."""
    unrecognised_share: float
    """Share of the bars whose move is not recognised."""
    frequencies: dict[str, float]
    """Share of every move among the recognised bars."""
    expected: dict[str, float]
    """The true distribution for the same music."""
    total_variation: float
    """Total variation distance of the two, 0 to 1; 1 where no bar is recognised."""
    total_variation_by_chance: float
    """The mean of the same for dances drawn from the true distribution, with as many phrases."""
    changes: float
    """Share of the phrase ends between recognised moves at which the move changes; NaN where there are none."""
    expected_changes: float
    """The true probability of a change, over all phrase ends; NaN where no dance lasts two phrases."""


def move_coverage(
    recognised: Sequence[Int[np.ndarray, "_"]], probabilities: Sequence[Float[np.ndarray, "_ M"]]
) -> MoveCoverage:
    """Compare recognised bars of dances with the true probabilities for the phrases of their music.

    Raises:
        DataError: no bar at all.
    """
    bars = np.concatenate([np.asarray(moves, int) for moves in recognised]) if recognised else np.zeros(0, int)
    if len(bars) == 0:
        raise DataError("there is no whole bar; move coverage needs dances of at least four beats")
    of_bars = [of_each_bar(rows, len(moves)) for moves, rows in zip(recognised, probabilities, strict=True)]
    expected = np.concatenate(of_bars).mean(axis=0)
    counts = count_moves(bars)
    frequencies = counts / max(counts.sum(), 1)
    return MoveCoverage(
        moves_seen=int((counts > 0).sum()),
        unrecognised_share=float((bars == UNRECOGNISED).mean()),
        frequencies=dict(zip(MOVE_NAMES, frequencies.tolist(), strict=True)),
        expected=dict(zip(MOVE_NAMES, expected.tolist(), strict=True)),
        total_variation=float(total_variation(frequencies, expected)),
        total_variation_by_chance=_total_variation_by_chance(recognised, probabilities, expected),
        changes=_mean([_changes(moves) for moves in recognised]),
        expected_changes=_mean([_expected_changes(rows[::_BARS_PER_PHRASE]) for rows in of_bars]),
    )


def count_moves(bars: Int[np.ndarray, "_"]) -> Int[np.ndarray, "M"]:
    """Bars of each move, of those that are recognised."""
    return np.bincount(bars[bars != UNRECOGNISED], minlength=len(MOVE_NAMES))


def of_each_bar(probabilities: Float[np.ndarray, "P M"], bars: int) -> Float[np.ndarray, "_ M"]:
    """The probabilities of the phrase that each bar is in."""
    return probabilities[np.arange(bars) // _BARS_PER_PHRASE]


def total_variation(shares: Float[np.ndarray, "*R M"], expected: Float[np.ndarray, "*R M"]) -> Float[np.ndarray, "*R"]:
    """Total variation distance of two distributions of moves, 0 to 1; 1 where no move was danced."""
    return np.asarray(1 - np.minimum(shares, expected).sum(axis=-1))


def _changes(bars: Int[np.ndarray, "_"]) -> Float[np.ndarray, "_"]:
    """Whether the last bar of each phrase and the one after it are different moves, where both are recognised."""
    before, after = bars[_BARS_PER_PHRASE - 1 : -1 : _BARS_PER_PHRASE], bars[_BARS_PER_PHRASE::_BARS_PER_PHRASE]
    known = (before != UNRECOGNISED) & (after != UNRECOGNISED)
    return (before != after)[known].astype(float)


def _expected_changes(probabilities: Float[np.ndarray, "P M"]) -> Float[np.ndarray, "_"]:
    """The probability that each phrase but the first has another move than the one before."""
    return 1 - (probabilities[:-1] * probabilities[1:]).sum(axis=1)


def _mean(parts: Sequence[Float[np.ndarray, "_"]]) -> float:
    """Of everything in them; NaN where there is nothing."""
    values = np.concatenate(parts)
    return float(values.mean()) if len(values) else float("nan")


def _total_variation_by_chance(
    recognised: Sequence[Int[np.ndarray, "_"]],
    probabilities: Sequence[Float[np.ndarray, "_ M"]],
    expected: Float[np.ndarray, "M"],
    draws: int = 200,
) -> float:
    """Mean distance of dances drawn from the true distribution, one move for both bars of a phrase."""
    of_phrases, bars = [], []
    for moves, rows in zip(recognised, probabilities, strict=True):
        lengths = np.bincount(np.arange(len(moves)) // _BARS_PER_PHRASE)
        of_phrases.append(rows[: len(lengths)])
        bars.append(lengths)
    cumulated = np.concatenate(of_phrases).cumsum(axis=1)
    lengths = np.concatenate(bars)
    drawn = (np.random.default_rng(0).random((draws, len(cumulated), 1)) > cumulated).sum(axis=-1)
    drawn = np.minimum(drawn, len(MOVE_NAMES) - 1)
    counts = np.stack([np.bincount(row, weights=lengths, minlength=len(MOVE_NAMES)) for row in drawn])
    return float(0.5 * np.abs(counts / lengths.sum() - expected).sum(axis=1).mean())
