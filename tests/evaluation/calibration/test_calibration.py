"""A model whose distribution is known is calibrated; one with half the scale is not."""

import json

import numpy as np
import pytest
from scipy.stats import norm

from tests.evaluation.calibration.factories import make_system, write_data
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.calibration import forecasts as forecasts_module
from transflower.evaluation.calibration import one_step as one_step_module
from transflower.evaluation.calibration.files import NUMBERS, write_calibration
from transflower.evaluation.calibration.forecasts import MARGINAL, REPEAT, forecasts, moments_of
from transflower.evaluation.calibration.one_step import one_step
from transflower.evaluation.calibration.options import LEVELS
from transflower.evaluation.measuring import measure_systems
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.calibration import BestTemperature, Coverage, CoverageError, best_temperature
from transflower.evaluation.metrics.forecast import Crps, EnergyScore, ForecastCoverage
from transflower.evaluation.system import System
from transflower.models.heads import DeterministicHeadConfig

pytestmark = pytest.mark.usefixtures("few")

SCORE = 1 / np.sqrt(np.pi)
"""CRPS of a standard normal forecast of a standard normal."""


@pytest.fixture
def few(monkeypatch):
    """Quick: fewer samples of seconds, from fewer moments."""
    monkeypatch.setattr(forecasts_module, "SAMPLES", 12)
    monkeypatch.setattr(forecasts_module, "MOMENTS", 6)
    monkeypatch.setattr(one_step_module, "POSITIONS", 240)


def values(metric, system, setting):
    return {key: found.value for key, found in estimate(metric, system, setting, draws=20).items()}


@pytest.mark.parametrize(("kind", "latent_ar"), [("windowed", 0), ("causal", 2)])
def test_a_model_that_knows_the_distribution_is_calibrated(tmp_path, kind, latent_ar):
    setting = write_data(tmp_path / "data")
    system = make_system(tmp_path / "model", kind=kind, latent_ar=latent_ar)
    assert list(values(Coverage(), system, setting).values()) == pytest.approx(LEVELS, abs=0.06)
    assert values(CoverageError(), system, setting)["coverage_error"] < 0.04
    assert values(BestTemperature(), system, setting)["best_temperature"] == pytest.approx(1, abs=0.06)
    found = next(iter(one_step(system, setting).values()))
    assert found.latents is not None
    assert np.quantile(found.latents.uniform, [0.1, 0.5, 0.9]).tolist() == pytest.approx([0.1, 0.5, 0.9], abs=0.05)
    assert list(values(ForecastCoverage(), system, setting).values()) == pytest.approx([0.9] * 4, abs=0.15)
    assert values(Crps(), system, setting)["crps_1"] == pytest.approx(SCORE, abs=0.2)


def test_a_model_with_half_the_scale_is_not(tmp_path):
    setting, system = write_data(tmp_path / "data", std=2.0), make_system(tmp_path / "model")
    wanted = [2 * norm.cdf(norm.ppf(0.5 + level / 2) / 2) - 1 for level in LEVELS]
    assert list(values(Coverage(), system, setting).values()) == pytest.approx(wanted, abs=0.07)
    assert values(CoverageError(), system, setting)["coverage_error"] > 0.2
    # The closed form for a Gaussian base: the root mean square of latents.
    latents = [found.latents for found in one_step(system, setting).values()]
    spread = np.sqrt(np.mean([found.mean_square for found in latents]))
    assert values(BestTemperature(), system, setting)["best_temperature"] == pytest.approx(spread, rel=1e-3)
    assert spread == pytest.approx(2, abs=0.12)
    assert np.mean(list(values(ForecastCoverage(), system, setting).values())) < 0.8


def test_a_model_without_a_density_is_measured_by_its_samples(tmp_path):
    setting = write_data(tmp_path / "data")
    system = make_system(tmp_path / "model", DeterministicHeadConfig())
    assert max(values(Coverage(), system, setting).values()) < 0.05
    assert np.isnan(values(BestTemperature(), system, setting)["best_temperature"])
    # The absolute error of the mean.
    assert values(Crps(), system, setting)["crps_2"] == pytest.approx(np.sqrt(2 / np.pi), abs=0.25)


def test_the_temperature_at_which_coverage_is_right_is_found_where_there_is_no_flow():
    # Samples with half the scale, at each temperature.
    tried = np.array([0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5])
    for scale, wanted in ((1.0, 1.0), (0.8, 1.25)):
        covered = [[2 * norm.cdf(scale * one * norm.ppf(0.5 + level / 2)) - 1 for level in LEVELS] for one in tried]
        assert best_temperature(np.array([covered])) == pytest.approx(wanted, abs=0.06)


def test_forecasts_stand_beside_the_last_frame_and_any_frame(tmp_path):
    setting, system = write_data(tmp_path / "data"), make_system(tmp_path / "model")
    found = list(forecasts(system, setting).values())
    # Of independent frames: E|x - y| of two standard normals, and the score of a forecast that is right.
    assert np.mean([one.crps[REPEAT] for one in found]) == pytest.approx(2 * SCORE, abs=0.3)
    assert np.mean([one.crps[MARGINAL] for one in found]) == pytest.approx(SCORE, abs=0.2)
    assert values(EnergyScore(), system, setting).keys() == {f"energy_score_{one}" for one in ("0.1", "0.5", "1", "2")}


def test_predictions_are_made_once_for_all_metrics(tmp_path):
    setting, system = write_data(tmp_path / "data"), make_system(tmp_path / "model")
    assert one_step(system, setting) is one_step(system, setting)
    assert forecasts(system, setting) is forecasts(system, setting)


def test_what_is_no_model_or_too_short_is_said(tmp_path, monkeypatch):
    setting = write_data(tmp_path / "data")
    with pytest.raises(NotMeasurable, match="it is no model"):
        one_step(System(name="data", samples={}), setting)
    monkeypatch.setattr(forecasts_module, "HORIZONS", (0.1, 60.0))
    with pytest.raises(NotMeasurable, match="too short for forecasts of 60 seconds"):
        forecasts(make_system(tmp_path / "model"), setting)


def test_moments_lie_evenly_and_leave_room_for_what_comes_after_them():
    assert moments_of(300, 60, 3, 1) == [60, 150, 240]
    assert moments_of(300, 60, 3, 8) == [56, 144, 240]
    assert moments_of(60, 60, 2, 1) == []


def test_numbers_and_a_figure_are_written(tmp_path):
    setting, system = write_data(tmp_path / "data", recordings=1), make_system(tmp_path / "model")
    nothing = System(name="data", samples={})
    measured = measure_systems([], [system, nothing], setting, draws=1, with_calibration=True)
    assert measured["data"].calibration is None
    paths = write_calibration(tmp_path, {"model": measured[system.name].calibration})
    assert [path.name for path in paths] == [NUMBERS, "calibration.model.png"]
    assert paths[1].read_bytes().startswith(b"\x89PNG")
    told = json.loads(paths[0].read_text())["model"]
    assert told["reliability"]["all"]["low"][0] is None, "one recording has no interval"
    assert len(told["crps"]) == 3
