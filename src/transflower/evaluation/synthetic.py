"""Generated dances to synthetic music, held against the law by which the data were made.

The law is known: hips dip on the beat, and every phrase's move has a known probability given the music. So both can be
checked exactly, which real recordings never allow.

Shape letters: P phrases, M moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError
from transflower.core.files import atomic_path
from transflower.data.synthetic.kinematic_beats import beat_error
from transflower.data.synthetic.recognition import Coverage, coverage, move_recogniser
from transflower.data.synthetic.truth import MOVE_NAMES, Truth
from transflower.motion.clip import Clip


@dataclass(frozen=True, kw_only=True, eq=False)
class TruthFigures:
    """How well dances follow the law of the synthetic dancers."""

    beat_seconds: float
    """Mean distance of a dip of the hips from the nearest beat; NaN where no hips ever dip."""
    beat_seconds_by_chance: float
    """What the same dips would get against other music."""
    dips_per_beat: float
    """Dips of the hips for every beat of the music; 1 in the data."""
    moves: Coverage
    """Which moves appear, and how often, beside the law."""

    def text(self) -> str:
        """To be read on a terminal."""
        moves = self.moves
        lines = [
            f"beat error           {1000 * self.beat_seconds:.0f} ms, {1000 * self.beat_seconds_by_chance:.0f} ms by "
            f"chance; {self.dips_per_beat:.2f} dips of the hips for every beat",
            f"moves                {moves.moves_seen} of {len(moves.expected)} appear; "
            f"{moves.unknown_share:.0%} of the bars are no known move",
            f"distance to the law  {moves.distance:.2f} in total variation, {moves.distance_by_chance:.2f} for dances "
            "drawn by the law itself",
            f"new moves            at {_percent(moves.changes)} of the ends of phrases between known moves, "
            f"{_percent(moves.expected_changes)} by law",
            "",
            f"{'move':20} {'danced':>7} {'by law':>7}",
        ]
        lines += [f"{name:20} {moves.frequencies[name]:7.1%} {moves.expected[name]:7.1%}" for name in moves.expected]
        return "\n".join(lines)


def compare_with_truth(dances: Sequence[tuple[Clip, Truth]]) -> TruthFigures:
    """Figures of dances, each with the truth about its music.

    Raises:
        DataError: no dances.
    """
    if not dances:
        raise DataError("there are no dances to compare with the truth")
    recogniser = move_recogniser()
    beats = [beat_error(clip, np.array(truth.beats)) for clip, truth in dances]
    recognised = [recogniser.recognise(clip, np.array(truth.beats)) for clip, truth in dances]
    return TruthFigures(
        beat_seconds=_mean([beat.seconds for beat in beats]),
        beat_seconds_by_chance=_mean([beat.chance for beat in beats]),
        dips_per_beat=float(np.mean([beat.dips_per_beat for beat in beats])),
        moves=coverage(recognised, [truth.probabilities for _, truth in dances]),
    )


def draw_moves_figure(path: Path | str, moves: Coverage) -> None:
    """A bar chart of how often each move is danced, beside the law, as a picture file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(MOVE_NAMES))
    for shift, label, shares in ((-0.2, "danced", moves.frequencies), (0.2, "the law", moves.expected)):
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
