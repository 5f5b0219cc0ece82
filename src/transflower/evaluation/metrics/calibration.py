"""Calibration of the next frame: coverage of central intervals, and the temperature that calibrates best.

Shape letters: R draws, K recordings, G temperatures, C levels.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from transflower.evaluation.body_parts import ALL
from transflower.evaluation.calibration.one_step import OneStep, one_step
from transflower.evaluation.calibration.options import CURVE, LEVELS, TEMPERATURES
from transflower.evaluation.calibration.predictions import SCALES
from transflower.evaluation.metric import MeansOfRecordings, Metric, Number
from transflower.evaluation.system import Setting, System

_LEVELS = [CURVE.index(level) for level in LEVELS]


class Coverage(MeansOfRecordings):
    """Share of true values within the central 50, 80, 90 and 95 % of what the model says of the next frame.

    At 480 frames over all recordings, 50 samples of the next frame are drawn given the true past and inputs, at
    temperature 1. The rank of the true value among them tells in which central interval it lies; within its step of
    1/51 its place is drawn, so that a calibrated model covers exactly the nominal share whatever the number of samples.
    The share is over all columns that vary. Truth has the noise on targets that the model was trained with (1 % of a
    deviation by default), as the samples have. The interval is a bootstrap over recordings: binomial intervals of
    frames would be far too narrow, because successive frames and columns of one body are no independent trials.
    """

    source = "Dawid 1984; Gneiting, Balabdaoui and Raftery 2007, Probabilistic forecasts, calibration and sharpness"
    group = "calibration"
    numbers: ClassVar[Mapping[str, Number]] = {
        f"coverage_{level:.0%}".rstrip("%"): Number(title=f"coverage of the central {level:.0%} (share)")
        for level in LEVELS
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Coverage of all columns."""
        return {
            one: dict(zip(self.numbers, found.coverage[ALL][0, _LEVELS].tolist(), strict=True))
            for one, found in one_step(system, setting).items()
        }


class CoverageError(Metric[Float[np.ndarray, "P C"]]):
    """Mean distance of the coverage of central 50, 80, 90 and 95 % intervals from these shares, over parts of the body.

    The parts are root, torso, head, arms and legs, whose errors do not cancel; all columns together where the output is
    no body. Otherwise as the coverage itself. It is not 0 for a calibrated model, but of the size of its interval.
    """

    source = "Gneiting, Balabdaoui and Raftery 2007, Probabilistic forecasts, calibration and sharpness"
    group = "calibration"
    numbers: ClassVar[Mapping[str, Number]] = {
        "coverage_error": Number(title="coverage error (share)", better="lower"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, Float[np.ndarray, "P C"]]:
        """Coverage of each part of the body."""
        return {one: _of_parts(found)[:, 0] for one, found in one_step(system, setting).items()}

    def combine(
        self, parts: Sequence[Float[np.ndarray, "P C"]], system: System, setting: Setting
    ) -> Mapping[str, float]:
        """Mean over parts of the body and levels, of the coverage of all recordings."""
        return {"coverage_error": float(np.abs(np.mean(parts, axis=0) - LEVELS).mean())}

    def resample(
        self,
        parts: Sequence[Float[np.ndarray, "P C"]],
        drawn: Int[np.ndarray, "R K"],
        system: System,
        setting: Setting,
    ) -> Mapping[str, Float[np.ndarray, " R"]]:
        """All draws at once."""
        return {"coverage_error": np.abs(np.array(parts)[drawn].mean(1) - LEVELS).mean((1, 2))}


class BestTemperature(Metric[Float[np.ndarray, " G"]]):
    """The temperature of the noise at which the model says best how likely the next frame is.

    Above 1 the model is too sure of the next frame, below 1 not sure enough. For a flow it follows from the latents of
    true frames: with the temperature t its base is scaled by t, and the likelihood of the latents z is greatest, for a
    Gaussian base, at t = root mean square of z. For other bases that maximum is found among 193 temperatures from 1/8
    to 32, and a parabola through the best three. Where there is no flow, it is the one of seven temperatures from 0.5
    to 1.5, refined in the same way, at which the coverage error is smallest; a model without any randomness has none.
    It is of the next frame alone: what is drawn over seconds may spread more or less.
    """

    source = "Guo et al. 2017, On calibration of modern neural networks, for the idea of a single temperature"
    group = "calibration"
    numbers: ClassVar[Mapping[str, Number]] = {
        "best_temperature": Number(title="temperature that calibrates best (1 is calibrated)"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, np.ndarray]:
        """How good each temperature is: log density of latents, or the coverage of parts of the body."""
        return {
            one: found.latents.scale_log_prob if found.latents is not None else _of_parts(found)[:, 1:]
            for one, found in one_step(system, setting).items()
        }

    def combine(self, parts: Sequence[np.ndarray], system: System, setting: Setting) -> Mapping[str, float]:
        """The best for all recordings."""
        return {"best_temperature": best_temperature(np.mean(parts, axis=0))}


def best_temperature(goodness: np.ndarray) -> float:
    """The best of ``SCALES`` by log density, or of ``TEMPERATURES`` by coverage [parts, temperatures, levels]."""
    if goodness.ndim == 1:
        return _peak(np.log(SCALES), goodness)
    errors = np.abs(goodness - LEVELS).mean((0, 2))
    return float("nan") if np.ptp(errors) < 1e-3 else _peak(np.log(TEMPERATURES), -errors)


def _of_parts(found: OneStep) -> Float[np.ndarray, "P G C"]:
    """Coverage of parts of the body at ``LEVELS``; of all columns where there is no body."""
    parts = [name for name in found.coverage if name != ALL] or [ALL]
    return np.stack([found.coverage[name][:, _LEVELS] for name in parts])


def _peak(logarithms: Float[np.ndarray, " G"], values: Float[np.ndarray, " G"]) -> float:
    """Where a parabola through the largest value and its two neighbours is largest."""
    best = int(np.clip(np.argmax(values), 1, len(values) - 2))
    near = slice(best - 1, best + 2)
    curve = np.polyfit(logarithms[near] - logarithms[best], values[near], 2)
    shift = -curve[1] / (2 * curve[0]) if curve[0] < 0 else 0.0
    low, high = logarithms[near][[0, -1]]
    return float(np.exp(np.clip(logarithms[best] + shift, low, high)))
