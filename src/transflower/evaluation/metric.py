"""What a metric is: numbers of a system, each with an interval over the recordings.

A metric makes one *part* of each recording (of its samples, or of what the model says of it), and numbers of parts. So
the bootstrap draws recordings, and asks for the numbers of those that it drew; nothing is decoded or evaluated twice.

Shape letters: R draws, K recordings.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import ClassVar, Generic, Literal, TypeVar

import numpy as np
from jaxtyping import Float, Int

from transflower.evaluation.system import Sample, Setting, System

Part = TypeVar("Part")
Better = Literal["lower", "higher", "like real", ""]


class NotMeasurable(Exception):
    """A system lacks what a metric needs; the message says what, as in "it has no density"."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A column of a report."""

    title: str
    """What it is called, with its unit in brackets."""
    better: Better = ""
    """Which values are good; empty where it only stands beside another number, as a chance level does."""
    bounds: tuple[float, float | None] = (0.0, None)
    """The least and the most that a biased number can be."""


class Metric(ABC, Generic[Part]):
    """Numbers of a system.

    The docstring of a metric defines it, with its formula, its frame rate and what papers do differently;
    ``docs/metrics.md`` is made from it.
    """

    source: ClassVar[str]
    """Where it was published."""
    numbers: ClassVar[Mapping[str, Number]]
    """Key, as in JSON -> column, in order."""
    group: ClassVar[str]
    """Which section of the report it is in: likelihood, distribution, body, beat, diversity, drift, calibration."""
    is_biased_by_draws: ClassVar[bool] = False
    """Whether a number changes with how many recordings are different, as a distance of distributions does."""

    @property
    def title(self) -> str:
        """What its docstring begins with before a colon, or else the words of its class."""
        first = cleandoc(type(self).__doc__ or "").split("\n")[0]
        name, colon, _ = first.partition(":")
        if colon and "." not in name:
            return name
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__).capitalize()

    @abstractmethod
    def parts(self, system: System, setting: Setting) -> Mapping[str, Part]:
        """What is measured of each recording: id -> part.

        Raises:
            NotMeasurable: the system lacks what it takes.
        """

    @abstractmethod
    def combine(self, parts: Sequence[Part], system: System, setting: Setting) -> Mapping[str, float]:
        """The numbers of some recordings, of which one may be there several times; NaN for what cannot be told."""

    def resample(
        self, parts: Sequence[Part], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """The numbers of R draws of K recordings; a metric that can do it sooner than one by one says how."""
        found = [self.combine([parts[index] for index in row], system, setting) for row in drawn]
        return {key: np.array([numbers[key] for numbers in found]) for key in self.numbers}


class MeansOfRecordings(Metric[dict[str, float]]):
    """Numbers that are means over recordings, each of which has all of them; NaN where it lacks one."""

    def combine(self, parts: Sequence[dict[str, float]], system: System, setting: Setting) -> Mapping[str, float]:
        """Means of what is known."""
        return {key: mean([part[key] for part in parts]) for key in self.numbers}

    def resample(
        self, parts: Sequence[dict[str, float]], drawn: Int[np.ndarray, "R K"], system: System, setting: Setting
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """Means of what is known, of all draws at once."""
        return {key: _means(np.array([part[key] for part in parts])[drawn]) for key in self.numbers}


class MeanMetric(MeansOfRecordings):
    """Numbers of single samples: their means over the samples of a recording, and over recordings."""

    @abstractmethod
    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """The numbers of one sample; NaN where it has none.

        Raises:
            NotMeasurable: the sample lacks what it takes, such as a body or the beats of its music.
        """

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Means over the samples of each recording; recordings that lack it are left out."""
        found: dict[str, dict[str, float]] = {}
        reason = "there are no samples"
        for one, samples in system.samples.items():
            try:
                measured = [self.measure(sample, setting) for sample in samples]
            except NotMeasurable as error:
                reason = str(error)
                continue
            found[one] = {key: mean([values[key] for values in measured]) for key in self.numbers}
        if not found:
            raise NotMeasurable(reason)
        return found


def mean(values: Sequence[float]) -> float:
    """Of the values that are known; NaN where none is."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _means(values: Float[np.ndarray, "R K"]) -> Float[np.ndarray, " R"]:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=1) / known.sum(axis=1)
