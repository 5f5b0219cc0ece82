import importlib
import sys

import numpy as np
import pytest

from transflower.evaluation.calibration.scores import crps, energy_score, rank_uniform

RNG = np.random.default_rng(0)


@pytest.fixture
def scoringrules(monkeypatch):
    """Without numba, with which it would compile for seconds what is not asked of it."""
    monkeypatch.setitem(sys.modules, "numba", None)
    return importlib.import_module("scoringrules")


def test_crps_and_energy_score_are_those_of_scoringrules(scoringrules):
    samples, truth = RNG.standard_normal((3, 2, 20, 4)), RNG.standard_normal((3, 2, 4))
    wanted = scoringrules.crps_ensemble(truth, samples, m_axis=-2, estimator="fair", backend="numpy")
    np.testing.assert_allclose(crps(samples, truth), wanted)
    energy = scoringrules.es_ensemble(truth, samples, m_axis=-2, v_axis=-1, estimator="fair", backend="numpy")
    np.testing.assert_allclose(energy_score(samples, truth), energy)


def test_of_one_sample_they_are_error_and_distance():
    samples, truth = np.array([[3.0, 4.0]]), np.zeros(2)
    assert crps(samples, truth).tolist() == [3.0, 4.0]
    assert energy_score(samples, truth).item() == pytest.approx(5.0)


@pytest.mark.parametrize("count", [2, 5, 50])
def test_their_mean_does_not_depend_on_the_number_of_samples(count):
    samples, truth = RNG.standard_normal((20000, count, 1)), RNG.standard_normal((20000, 1))
    # Of a standard normal forecast of a standard normal: 1 / sqrt(pi).
    assert crps(samples, truth).mean() == pytest.approx(1 / np.sqrt(np.pi), abs=0.015)


def test_ranks_of_a_draw_of_the_same_distribution_are_uniform_even_among_equals():
    samples, truth = RNG.integers(3, size=(4000, 10, 1)).astype(float), RNG.integers(3, size=(4000, 1)).astype(float)
    ranks = rank_uniform(samples, truth, RNG)
    assert np.quantile(ranks, [0.1, 0.25, 0.5, 0.75, 0.9]).tolist() == pytest.approx(
        [0.1, 0.25, 0.5, 0.75, 0.9], abs=0.03
    )
