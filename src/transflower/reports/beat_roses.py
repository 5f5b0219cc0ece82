"""At which phases of the beat dances have their beats: the dips of the hips, and the moments at which the body is slow.

Shape letters: K phases, N bins.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.evaluation.options import REAL
from transflower.evaluation.system import Sample, Samples, Setting, System
from transflower.motion.beats import beat_phases, hip_dips, kinematic_beats
from transflower.reports.rows import evaluated

BINS = 24


@dataclass(frozen=True, kw_only=True, eq=False)
class Rose:
    """The phases of one system, all recordings together."""

    shares: Float[np.ndarray, " N"]
    """Of the moments, by phase; the middle of the first bin is at the beat."""
    moments: int
    lock: float
    """Length of the mean of exp(2 pi i phase); NaN without moments."""
    phase: float
    """Of that mean, in beats, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Roses:
    """One kind of moments, system by system."""

    title: str
    roses: Mapping[str, Rose]


def beat_roses(systems: Sequence[System], setting: Setting) -> Sequence[Roses]:
    """Of bodies to music whose beats are known; else nothing."""
    named = {REAL: setting.real} | {system.name: system.samples for system in evaluated(systems)}
    found = []
    for title, moments in _KINDS.items():
        roses = {name: rose(_phases(samples, setting, moments)) for name, samples in named.items()}
        if any(one.moments for one in roses.values()):
            found.append(Roses(title=title, roses=roses))
    return found


def rose(phases: Float[np.ndarray, " K"]) -> Rose:
    """Count phases, in beats."""
    bins = np.floor((phases % 1) * BINS + 0.5).astype(int) % BINS
    mean = np.exp(2j * np.pi * phases).mean() if len(phases) else complex(np.nan, np.nan)
    return Rose(
        shares=np.bincount(bins, minlength=BINS) / max(1, len(phases)),
        moments=len(phases),
        lock=float(abs(mean)),
        phase=float(np.angle(mean) / (2 * np.pi) % 1),
    )


def _dips(sample: Sample) -> Float[np.ndarray, " _"]:
    assert sample.clip is not None
    return hip_dips(sample.clip)


def _kinematic(sample: Sample) -> Float[np.ndarray, " _"]:
    assert sample.clip is not None
    return kinematic_beats(sample.positions, sample.clip.fps)


_KINDS: Mapping[str, Callable[[Sample], Float[np.ndarray, " _"]]] = {
    "dips of the hips": _dips,
    "kinematic beats": _kinematic,
}


def _phases(
    samples: Samples, setting: Setting, moments: Callable[[Sample], Float[np.ndarray, " _"]]
) -> Float[np.ndarray, " K"]:
    found = [np.zeros(0)]
    for one, some in samples.items():
        beats = setting.beats.get(one, np.zeros(0))
        if len(beats) >= 2:
            found += [beat_phases(moments(sample), beats) for sample in some if sample.clip is not None]
    phases = np.concatenate(found)
    return phases[np.isfinite(phases)]
