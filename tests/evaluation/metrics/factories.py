"""Systems and settings of tiny samples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from transflower.evaluation.system import Sample, Samples, Setting, System
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.common_skeleton import common_skeleton

FPS = 30.0

Given = Mapping[str, Sequence[np.ndarray | Clip]]
"""Rows or clips of each recording."""


def make_samples(given: Given) -> Samples:
    """A sample of each array of rows, or of each clip, whose rows are then where its root is."""
    return {one: [_sample(one, each) for each in some] for one, some in given.items()}


def make_system(given: Given, name: str = "model", **more: Any) -> System:
    """A system with these samples."""
    return System(name=name, samples=make_samples(given), **more)


def make_setting(real: Given | System, **more: Any) -> Setting:
    """A setting with these real sequences as reference, whose columns have mean 0 and deviation 1."""
    samples = real.samples if isinstance(real, System) else make_samples(real)
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


def standing(frames: int = 60, *, fps: float = FPS, turned: Mapping[str, Sequence[float]] | None = None) -> Clip:
    """A body that stands still in a T-pose; joints of ``turned`` are turned by degrees around X, Y and Z."""
    skeleton = common_skeleton()
    rotations = rot.identity(frames, skeleton.num_joints)
    for name, degrees in (turned or {}).items():
        rotations[:, skeleton.index(name)] = rot.from_expmap(np.radians(degrees))
    return Clip(skeleton, fps, rotations, {0: np.tile(skeleton.offsets[0], (frames, 1))})


def moved(clip: Clip, path: np.ndarray) -> Clip:
    """The same body, carried along a path."""
    return replace(clip, translations={**clip.translations, 0: clip.translations[0] + path})


def swaying(frames: int = 300, *, seed: int = 0, size: float = 1.0) -> Clip:
    """A body that turns all its joints to and fro, in a way of its own for each seed."""
    random = np.random.default_rng(seed)
    clip = standing(frames)
    joints = clip.skeleton.num_joints
    seconds = np.arange(frames)[:, None, None] / clip.fps
    speeds, phases = random.uniform(2, 8, (2, joints, 3))
    angles = size * random.uniform(0, 0.5, (joints, 3)) * np.sin(speeds * seconds + phases)
    sway = 0.1 * size * np.sin(random.uniform(2, 6, 3) * seconds[:, 0]) * [1, 0.2, 1]
    return moved(replace(clip, rotations=rot.from_expmap(angles)), sway)
