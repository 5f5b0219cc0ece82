"""How often speeds, heights and turns occur, in the samples of each system and in the data.

Shape letters: T frames, K bins, N values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.evaluation.options import REAL
from transflower.evaluation.system import Sample, Setting, System
from transflower.motion import rotations as rot
from transflower.motion.anatomy import read_anatomy
from transflower.motion.root import root_in_world
from transflower.reports.rows import evaluated, flat

_BINS = 64
_OUTERMOST = 0.5
"""Percent of the data at each end that the axis leaves out, before it is widened."""
_WIDER = 0.15
"""Part of the axis that is added at both ends, for what samples do and the data do not."""
_LOG, _SLOWEST = "speed", 1e-3
"""Titles of what stands on a logarithmic axis, and the least value that it tells from 0."""
_SMOOTHING = 1.2
"""Standard deviation of the filter over the bins."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Densities:
    """The density of one quantity, system by system."""

    title: str
    """With its unit in brackets."""
    axis: Literal["linear", "log"]
    """Of speeds it is logarithmic, and densities are of the logarithm."""
    x: Float[np.ndarray, " K"]
    """Middles of the bins."""
    curves: Mapping[str, Float[np.ndarray, " K"]]
    """Name of a system -> its density; what lies off the axis is missing from the area below."""


def densities(systems: Sequence[System], setting: Setting) -> Sequence[Densities]:
    """Of bodies the speeds of joints, hands and feet, the height and the turning of the hips; else nothing."""
    samples = {REAL: flat(setting.real)} | {system.name: flat(system.samples) for system in evaluated(systems)}
    values = {name: _pooled([body_values(sample) for sample in some]) for name, some in samples.items()}
    return [
        _densities(title, {name: found[title] for name, found in values.items() if title in found})
        for title in values[REAL]
    ]


def body_values(sample: Sample) -> Mapping[str, Float[np.ndarray, " _"]]:
    """Title -> the values of all frames; nothing where there is no body."""
    clip = sample.clip
    if clip is None or clip.num_frames < 2:
        return {}
    speeds = np.linalg.norm(np.diff(sample.positions, axis=0), axis=-1) * clip.fps
    hips, rotations = root_in_world(clip)
    across = rot.rotate(rotations, np.array([1.0, 0.0, 0.0]))
    heading = np.unwrap(np.arctan2(across[:, 0], across[:, 2]))
    found = {"speed of all joints (m/s)": speeds.ravel()}
    for title, joints in _ends(sample).items():
        found[title] = speeds[:, joints].ravel()
    found["height of the hips (m)"] = hips[:, 1]
    found["turning (degrees/s)"] = np.degrees(np.diff(heading)) * clip.fps
    return found


def _ends(sample: Sample) -> Mapping[str, Sequence[int]]:
    """The joints at the ends of arms and legs, where they are known."""
    assert sample.clip is not None
    skeleton = sample.clip.skeleton
    heights = np.median(sample.positions[..., 1], axis=0)
    sites = [heights[owner] + offset[1] for owner, offset in skeleton.end_sites.items()]
    anatomy = read_anatomy(skeleton, np.concatenate([heights, sites]))
    named = {"speed of the hands (m/s)": anatomy.arms, "speed of the feet (m/s)": anatomy.legs}
    ends = {title: [limb.end for limb in limbs if limb.end < skeleton.num_joints] for title, limbs in named.items()}
    return {title: joints for title, joints in ends.items() if joints}


def _pooled(measured: Sequence[Mapping[str, Float[np.ndarray, " _"]]]) -> Mapping[str, Float[np.ndarray, " N"]]:
    titles = dict.fromkeys(title for one in measured for title in one)
    return {title: np.concatenate([one[title] for one in measured if title in one]) for title in titles}


def _densities(title: str, values: Mapping[str, Float[np.ndarray, " _"]]) -> Densities:
    is_log = title.startswith(_LOG)
    if is_log:
        values = {name: np.log10(np.maximum(found, _SLOWEST)) for name, found in values.items()}
    low, high = np.percentile(values[REAL], [_OUTERMOST, 100 - _OUTERMOST])
    wider = _WIDER * max(high - low, 1e-6)
    edges = np.linspace(low - wider, high + wider, _BINS + 1)
    width = edges[1] - edges[0]
    curves = {}
    for name, found in values.items():
        counts = np.histogram(found[np.isfinite(found)], edges)[0] / max(1, len(found))
        curves[name] = gaussian_filter1d(counts / width, _SMOOTHING, mode="constant")
    x = (edges[:-1] + edges[1:]) / 2
    return Densities(title=title, axis="log" if is_log else "linear", x=10**x if is_log else x, curves=curves)
