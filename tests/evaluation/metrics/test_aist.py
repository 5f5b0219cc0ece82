import numpy as np
import pytest
from scipy.linalg import sqrtm

from tests.evaluation.metrics.factories import make_setting, make_system, standing, swaying
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.aist_diversity import AistDiversity
from transflower.evaluation.metrics.aist_frechet import AistFrechetDistances
from transflower.evaluation.sequence_features import scaled_by_reference, whole

FID, DIV = AistFrechetDistances(), AistDiversity()


def dancers(seeds, **more):
    return {f"song{seed}": [swaying(90, seed=seed, **more)] for seed in seeds}


@pytest.fixture(scope="module")
def setting():
    return make_setting(dancers(range(8)))


def features(system, setting, kind):
    scaled = scaled_by_reference(system, setting, whole(kind), kind)
    return np.concatenate([scaled(whole(kind)(sample)) for some in system.samples.values() for sample in some])


def test_a_copy_is_at_no_distance_and_a_tamer_dancer_nearer_than_none(setting):
    found = {
        name: estimate(FID, make_system(given), setting, draws=10)
        for name, given in {
            "copy": dancers(range(8)),
            "tame": dancers(range(8), size=0.7),
            "still": {f"song{seed}": [standing(90)] for seed in range(8)},
        }.items()
    }
    for key in ("fid_k", "fid_g"):
        assert found["copy"][key].value == pytest.approx(0, abs=1e-6)
        assert found["copy"][key].value < found["tame"][key].value < found["still"][key].value
    assert found["tame"]["fid_sequences"].value == 8


def test_distances_are_those_of_the_definition(setting):
    system = make_system({**dancers(range(20, 26)), "two": [swaying(90, seed=30), swaying(90, seed=31)]})
    found = estimate(FID, system, setting, draws=10)
    real, fake = features(make_system(dancers(range(8))), setting, "kinetic"), features(system, setting, "kinetic")
    assert fake.shape == (8, 3 * 22)
    first, second = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    shared = np.trace(sqrtm(first @ second)).real
    expected = np.sum((real.mean(0) - fake.mean(0)) ** 2) + np.trace(first) + np.trace(second) - 2 * shared
    assert found["fid_k"].value == pytest.approx(expected, rel=1e-3)
    assert found["fid_k"].low < found["fid_k"].value < found["fid_k"].high


def test_diversity_is_the_mean_distance_of_pairs(setting):
    system = make_system({**dancers(range(20, 23)), "two": [swaying(90, seed=30), swaying(90, seed=31)]})
    found = estimate(DIV, system, setting, draws=10)
    rows = features(system, setting, "geometric")
    expected = np.mean([np.linalg.norm(rows[i] - rows[j]) for i in range(5) for j in range(i)])
    assert found["div_g"].value == pytest.approx(expected)
    same = make_system({f"song{index}": [swaying(90)] for index in range(3)})
    assert estimate(DIV, same, setting, draws=10)["div_k"].value == pytest.approx(0)


@pytest.mark.parametrize("metric", [FID, DIV])
def test_what_they_cannot_measure(metric, setting):
    with pytest.raises(NotMeasurable, match="not motion"):
        estimate(metric, make_system({"song": [np.zeros((9, 3))]}), make_setting({"song": [np.zeros((9, 3))]}))
    with pytest.raises(NotMeasurable, match="two"):
        estimate(metric, make_system({"song0": [swaying(90)]}), setting)
