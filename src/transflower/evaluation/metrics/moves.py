"""Moves of synthetic dances: their frequencies beside the true ones.

Shape letters: M moves, R draws, K recordings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import Metric, NotMeasurable, Number
from transflower.evaluation.move_coverage import count_moves, of_each_bar, total_variation
from transflower.evaluation.move_recognition import UNRECOGNISED, move_recogniser
from transflower.evaluation.system import Sample, Setting, System
from transflower.synthetic.ground_truth import MOVE_NAMES, GroundTruth


@dataclass(frozen=True, kw_only=True, eq=False)
class MovesOfRecording:
    """What was danced to a recording."""

    counts: Float[np.ndarray, "M"]
    """Bars of each move."""
    unrecognised: int
    """Bars whose move was not recognised."""
    expected: Float[np.ndarray, "M"]
    """Sum over bars of the true probabilities."""


class Moves(Metric[MovesOfRecording]):
    """Whether samples dance each move of the synthetic dances as often as their true distribution says.

    The move of each bar is recognised; bars that are none of them are told apart. The total variation distance is half
    the sum of the differences between the shares of the moves and their true probabilities for the same music, 0 to 1;
    few bars are some way off by chance, which the real row shows. Coverage is the share of all moves that appear.
    """

    source = "the true distribution of the synthetic dances"
    group = "diversity"
    is_biased_by_draws = True
    numbers: ClassVar[Mapping[str, Number]] = {
        "moves_total_variation": Number(title="moves, distance from the truth", better="lower", bounds=(0.0, 1.0)),
        "moves_coverage": Number(title="moves that appear (share)", better="higher", bounds=(0.0, 1.0)),
        "moves_unrecognised": Number(title="unrecognised bars (share)", better="lower", bounds=(0.0, 1.0)),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, MovesOfRecording]:
        """Recognise the moves of all samples."""
        truths = {one: setting.ground_truths[one] for one in system.samples if one in setting.ground_truths}
        if not truths:
            raise NotMeasurable("the true moves are not known; they are of synthetic recordings")
        return {one: _moves(system.samples[one], truth) for one, truth in truths.items()}

    def combine(self, parts: Sequence[MovesOfRecording], system: System, setting: Setting) -> Mapping[str, float]:
        """The numbers of some recordings."""
        found = self.resample(parts, np.arange(len(parts))[None], system, setting)
        return {key: float(values[0]) for key, values in found.items()}

    def resample(
        self, parts: Sequence[MovesOfRecording], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """The numbers of all draws at once."""
        counts = np.stack([part.counts for part in parts])[drawn].sum(axis=1)
        expected = np.stack([part.expected for part in parts])[drawn].sum(axis=1)
        unrecognised = np.array([part.unrecognised for part in parts], float)[drawn].sum(axis=1)
        bars = counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = total_variation(counts / bars[:, None], expected / expected.sum(axis=1, keepdims=True))
            return {
                "moves_total_variation": np.where(bars > 0, distance, 1.0),
                "moves_coverage": (counts > 0).mean(axis=1),
                "moves_unrecognised": unrecognised / (bars + unrecognised),
            }


def _moves(samples: Sequence[Sample], truth: GroundTruth) -> MovesOfRecording:
    recogniser = move_recogniser()
    counts, expected, unrecognised = np.zeros(len(MOVE_NAMES)), np.zeros(len(MOVE_NAMES)), 0
    for sample in samples:
        bars = recogniser.recognise(clip_of(sample), np.array(truth.beats))
        counts += count_moves(bars)
        unrecognised += int((bars == UNRECOGNISED).sum())
        expected += of_each_bar(truth.probabilities, len(bars)).sum(axis=0)
    return MovesOfRecording(counts=counts, unrecognised=unrecognised, expected=expected)
