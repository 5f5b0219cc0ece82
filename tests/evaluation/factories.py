"""A quick recogniser of moves, and systems of arrays."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from transflower.evaluation.move_recognition import MoveRecogniser, move_recogniser
from transflower.evaluation.system import Sample, Setting, System


@cache
def quick_recogniser() -> MoveRecogniser:
    """Trained on few dances, for tests in which its answers hardly matter."""
    return move_recogniser.__wrapped__(repeats=8)


def make_system(samples: Mapping[str, Sequence[np.ndarray]], name: str = "system") -> System:
    """Of the rows of its samples, by recording."""
    return System(
        name=name,
        samples={one: [Sample(id=one, rows=np.asarray(rows, float)) for rows in some] for one, some in samples.items()},
    )


def make_setting(real: System, **options) -> Setting:
    """In which a system holds the real sequences."""
    rows = np.concatenate([sample.rows for some in real.samples.values() for sample in some])
    moments = options.pop("moments", (rows.mean(0), rows.std(0)))
    return Setting(
        data=Path("data"),
        output="motion",
        fps=30.0,
        ids=tuple(real.samples),
        real=real.samples,
        reference=real.samples,
        moments=moments,
        **options,
    )
