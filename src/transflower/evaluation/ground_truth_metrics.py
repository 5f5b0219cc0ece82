"""Metrics of generated dances to synthetic music, compared with the ground truth.

In synthetic dances the hips dip on the beat, and the move of every phrase has a known probability given the music. So
both can be checked exactly, which real recordings do not allow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError
from transflower.core.files import atomic_path
from transflower.core.text_table import aligned_columns
from transflower.evaluation.beat_alignment import hip_beat_metrics
from transflower.evaluation.move_coverage import MoveCoverage, move_coverage
from transflower.evaluation.move_recognition import move_recogniser
from transflower.motion.clip import Clip
from transflower.synthetic.ground_truth import MOVE_NAMES, GroundTruth


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundTruthMetrics:
    """How well dances agree with the ground truth of the synthetic dances."""

    beat_seconds: float
    """Mean distance of a dip of the hips from the nearest beat; NaN where no hips ever dip."""
    beat_seconds_by_chance: float
    """The mean of the same over shifts of the music."""
    dips_per_beat: float
    """Dips of the hips for every beat of the music; 1 in the data."""
    moves: MoveCoverage
    """Which moves appear and how often, beside the true distribution."""

    def text(self) -> str:
        """To be read on a terminal."""
        moves = self.moves
        lines = [
            f"beat error: {1000 * self.beat_seconds:.0f} ms ({1000 * self.beat_seconds_by_chance:.0f} ms by chance), "
            f"{self.dips_per_beat:.2f} dips of the hips per beat",
            f"moves that appear: {moves.moves_seen} of {len(moves.expected)}",
            f"unrecognised bars: {moves.unrecognised_share:.0%}",
            f"total variation from the true move distribution: {moves.total_variation:.2f} "
            f"({moves.total_variation_by_chance:.2f} for dances drawn from it)",
            f"move changes at phrase ends: {_percent(moves.changes)} ({_percent(moves.expected_changes)} in truth)",
        ]
        shares = [(name, f"{moves.frequencies[name]:.1%}", f"{share:.1%}") for name, share in moves.expected.items()]
        return "\n".join([*lines, "", aligned_columns([("move", "danced", "true"), *shares])])


def compare_with_ground_truth(dances: Sequence[tuple[Clip, GroundTruth]]) -> GroundTruthMetrics:
    """Metrics of dances, each with the ground truth of its music.

    Raises:
        DataError: no dances.
    """
    if not dances:
        raise DataError("there are no dances to compare with the ground truth")
    recogniser = move_recogniser()
    beats = [hip_beat_metrics(clip, np.array(truth.beats)) for clip, truth in dances]
    recognised = [recogniser.recognise(clip, np.array(truth.beats)) for clip, truth in dances]
    return GroundTruthMetrics(
        beat_seconds=_mean([beat.seconds for beat in beats]),
        beat_seconds_by_chance=_mean([beat.chance for beat in beats]),
        dips_per_beat=float(np.mean([beat.dips_per_beat for beat in beats])),
        moves=move_coverage(recognised, [truth.probabilities for _, truth in dances]),
    )


def draw_moves_chart(path: Path | str, moves: MoveCoverage) -> None:
    """Draw a bar chart of how often each move is danced, beside the true distribution, as a picture file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(MOVE_NAMES))
    for shift, label, shares in ((-0.2, "danced", moves.frequencies), (0.2, "true distribution", moves.expected)):
        axes.bar(places + shift, [100 * shares[name] for name in MOVE_NAMES], width=0.4, label=label)
    axes.set_xticks(places, [name.replace("_", " ") for name in MOVE_NAMES], rotation=60, ha="right", fontsize=8)
    axes.set_ylabel("% of bars")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=110)


def _percent(share: float) -> str:
    return "none" if np.isnan(share) else f"{share:.0%}"


def _mean(seconds: Sequence[float]) -> float:
    """Of the dances in which hips dip at all."""
    known = [value for value in seconds if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
