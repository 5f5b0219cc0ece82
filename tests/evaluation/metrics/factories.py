"""Systems and settings of tiny samples."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from transflower.evaluation.system import Sample, Samples, Setting, System
from transflower.motion.clip import Clip

FPS = 30.0

Given = Mapping[str, Sequence[np.ndarray | Clip]]
"""Rows or clips of each recording."""


def make_samples(given: Given) -> Samples:
    """A sample of each array of rows, or of each clip, whose rows are then where its root is."""
    return {one: [_sample(one, each) for each in some] for one, some in given.items()}


def make_system(given: Given, **more: Any) -> System:
    """A system with these samples."""
    return System(name="model", samples=make_samples(given), **more)


def make_setting(real: Given, **more: Any) -> Setting:
    """A setting with these real sequences as reference, whose columns have mean 0 and deviation 1."""
    samples = make_samples(real)
    columns = next(iter(samples.values()))[0].rows.shape[1]
    of_the_data = {
        "data": Path("data"),
        "output": "motion",
        "fps": FPS,
        "ids": tuple(samples),
        "real": samples,
        "reference": samples,
        "moments": (np.zeros(columns), np.ones(columns)),
    }
    return Setting(**of_the_data | more)


def _sample(one: str, each: np.ndarray | Clip) -> Sample:
    if isinstance(each, Clip):
        return Sample(id=one, rows=each.translations[0], clip=each)
    return Sample(id=one, rows=each)
