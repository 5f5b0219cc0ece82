"""Which rows of a report are what: the data stand apart from what is evaluated."""

from collections.abc import Sequence
from typing import Literal

from transflower.evaluation.options import MEAN, OTHER_MUSIC, REAL
from transflower.evaluation.system import Sample, Samples, System

Kind = Literal["model", "dances", "data"]
_DATA = (REAL, OTHER_MUSIC, MEAN)


def kind_of(system: System) -> Kind:
    """Whether a row is a model, samples of another system, or the data themselves."""
    if system.model is not None:
        return "model"
    return "data" if system.name in _DATA else "dances"


def evaluated(systems: Sequence[System]) -> list[System]:
    """Without the rows of the data."""
    return [system for system in systems if kind_of(system) != "data"]


def flat(samples: Samples) -> list[Sample]:
    """All samples of all recordings."""
    return [sample for some in samples.values() for sample in some]
