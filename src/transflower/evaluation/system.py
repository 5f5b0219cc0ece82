"""What is evaluated: samples of a system beside real sequences of the same recordings.

Shape letters: T frames, J joints, B beats, D columns, V columns that vary.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float

from transflower.core.moments import Moments, standardised
from transflower.evaluation.once import Once
from transflower.models import LoadedModel
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.synthetic.ground_truth import GroundTruth

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample(Once):
    """One sequence, drawn or recorded, to the inputs of one recording."""

    id: str
    """The recording whose inputs it belongs to."""
    rows: Float[np.ndarray, "T D"]
    """The output that is evaluated, as on disk, from the first frame of the inputs on."""
    clip: Clip | None = None
    """The same as motion, where it is one."""

    @cached_property
    def positions(self) -> Float[np.ndarray, "T J 3"]:
        """World positions of the joints, in metres, Y up; only of samples that have a clip."""
        assert self.clip is not None
        return forward(self.clip)[0]


Samples = Mapping[str, Sequence[Sample]]
"""By the id of the recording."""


@dataclass(frozen=True, kw_only=True, eq=False)
class System(Once):
    """A row of a report: a model, a folder of files of another system, or the data themselves."""

    name: str
    """What it is called in the report."""
    samples: Samples
    """Its samples, as many of each recording; where files are missing, of fewer recordings than the setting has."""
    model: LoadedModel | None = None
    """The model that drew them."""
    long: Samples = field(default_factory=dict)
    """Samples of several minutes, by which drift is measured."""
    reference: Samples | None = None
    """What it is compared with instead of the setting's: one half of the data is compared with the other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting(Once):
    """What all systems of a report have in common."""

    data: Path
    """The folder of features."""
    output: str
    """The continuous output that is evaluated, such as ``motion``."""
    fps: float
    """Frames per second of all samples."""
    ids: tuple[str, ...]
    """The recordings, in order."""
    real: Samples
    """Their real sequences, one each, cut as the samples are."""
    reference: Samples
    """What distances are measured from: ``real``, or the sequences of all splits."""
    moments: Moments
    """Mean and deviation of the columns in the training split, by which they are standardised."""
    others: Samples = field(default_factory=dict)
    """Real sequences of other splits, as many as a model draws samples; none where there are no other splits."""
    beats: Mapping[str, Float[np.ndarray, " B"]] = field(default_factory=dict)
    """Seconds of the beats of the music, of the recordings where they are known."""
    ground_truths: Mapping[str, GroundTruth] = field(default_factory=dict)
    """What is true of synthetic recordings, where they are."""
    seed: int = 0
    """Of everything that is drawn."""

    def reference_of(self, system: System) -> Samples:
        """What a system is compared with."""
        return self.reference if system.reference is None else system.reference

    def of_reference(self, system: System, key: Hashable, make: Callable[[Samples], Value]) -> Value:
        """What ``make`` makes of the samples that a system is compared with, once for all that share them."""
        owner: Once = self if system.reference is None else system
        return owner.once(("reference", key), lambda: make(self.reference_of(system)))

    def standardised(self, rows: Float[np.ndarray, "T D"]) -> Float[np.ndarray, "T V"]:
        """The columns that vary in training, in deviations from their mean."""
        return standardised(rows, self.moments)
