"""Errors of forecasts of some seconds: CRPS, energy score, and coverage."""

from collections.abc import Mapping
from typing import ClassVar

from transflower.evaluation.calibration.forecasts import MARGINAL, MODEL, REPEAT, forecasts
from transflower.evaluation.calibration.options import CURVE, HORIZONS
from transflower.evaluation.metric import MeansOfRecordings, Number
from transflower.evaluation.system import Setting, System

_SUFFIXES = {MODEL: "", REPEAT: "_repeated", MARGINAL: "_any_frame"}
_LEVEL = 0.9


class Crps(MeansOfRecordings):
    """CRPS: continuous ranked probability score of free-running samples 0.1, 0.5, 1 and 2 s ahead; lower is better.

    From 20 moments over all recordings, at least one of each, 50 samples go on from the real past, to the real inputs,
    at temperature 1. The score of a column is mean |x - y| - 1/2 mean |x - x'|, of samples x, pairs of them and the
    truth y, in standard deviations of the data; the mean over the columns that vary is told. It is the fair variant,
    whose mean does not depend on the number of samples; of a single sample it is the absolute error. Beside it stand
    two forecasts that need no model: the last known frame repeated, and 50 frames drawn from the other recordings.
    Proper: only a model that knows the true distribution has the least score, whatever it is sure of.
    """

    source = "Gneiting and Raftery 2007; Ferro 2014, Fair scores for ensemble forecasts"
    group = "calibration"
    numbers: ClassVar[Mapping[str, Number]] = {
        f"crps{suffix}_{seconds:g}": Number(
            title=f"CRPS {seconds:g} s ahead{f', {source}' if suffix else ''} (std)", better="" if suffix else "lower"
        )
        for source, suffix in _SUFFIXES.items()
        for seconds in HORIZONS
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Means over the moments of each recording."""
        return {
            one: {
                f"crps{suffix}_{seconds:g}": float(found.crps[source][index])
                for source, suffix in _SUFFIXES.items()
                for index, seconds in enumerate(HORIZONS)
            }
            for one, found in forecasts(system, setting).items()
        }


class EnergyScore(MeansOfRecordings):
    """Energy score of free-running samples 0.1, 0.5, 1 and 2 seconds ahead; lower is better.

    As the CRPS, with Euclidean distances of whole frames in place of distances of single columns, so that it also sees
    whether the columns of a frame go together. It is divided by the square root of the number of columns.
    """

    source = "Gneiting and Raftery 2007, Strictly proper scoring rules, prediction, and estimation"
    group = "calibration"
    numbers: ClassVar[Mapping[str, Number]] = {
        f"energy_score_{seconds:g}": Number(title=f"energy score {seconds:g} s ahead (std)", better="lower")
        for seconds in HORIZONS
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Means over the moments of each recording."""
        return {
            one: dict(zip(self.numbers, found.energy[MODEL].tolist(), strict=True))
            for one, found in forecasts(system, setting).items()
        }


class ForecastCoverage(MeansOfRecordings):
    """Share of true values within the central 90 % of samples 0.1, 0.5, 1 and 2 seconds ahead.

    Of the same samples as the CRPS, by ranks as the coverage of the next frame. Below 90 %, samples spread too little.
    """

    source = "Gneiting, Balabdaoui and Raftery 2007, Probabilistic forecasts, calibration and sharpness"
    group = "calibration"
    numbers: ClassVar[Mapping[str, Number]] = {
        f"coverage_90_after_{seconds:g}": Number(title=f"coverage of the central 90% {seconds:g} s ahead (share)")
        for seconds in HORIZONS
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Means over the moments of each recording."""
        return {
            one: dict(zip(self.numbers, found.coverage[:, CURVE.index(_LEVEL)].tolist(), strict=True))
            for one, found in forecasts(system, setting).items()
        }
