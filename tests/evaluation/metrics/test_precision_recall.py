import pytest

from tests.evaluation.metrics.factories import make_setting, make_system, standing, swaying
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.precision_recall import PrecisionRecall

METRIC = PrecisionRecall()
KEYS = ("precision", "recall", "density", "coverage")


def dancers(seeds, **more):
    return {f"song{seed}": [swaying(300, seed=seed, **more)] for seed in seeds}


@pytest.fixture(scope="module")
def setting():
    return make_setting(dancers(range(4)))


def values(given, setting):
    found = estimate(METRIC, make_system(given), setting, draws=50)
    return {key: one.value for key, one in found.items()}


def test_a_copy_scores_best(setting):
    copy, others = values(dancers(range(4)), setting), values(dancers(range(20, 24)), setting)
    still = values({f"song{seed}": [standing(300)] for seed in range(4)}, setting)
    assert [copy[key] for key in ("precision", "recall", "coverage")] == [1, 1, 1]
    assert copy["density"] >= 1
    assert all(copy[key] >= others[key] >= still[key] for key in KEYS)
    assert [still[key] for key in KEYS] == [0, 0, 0, 0]
    assert copy["windows"] == 8


def test_one_dance_again_and_again_is_precise_and_covers_little():
    setting = make_setting(dancers(range(8)))
    found = values({f"song{index}": [swaying(300, seed=0)] for index in range(4)}, setting)
    assert found["precision"] == 1
    assert found["coverage"] < 0.8
    assert found["recall"] < 0.6


def test_intervals_hold_the_values(setting):
    found = estimate(METRIC, make_system(dancers(range(20, 24), size=0.9)), setting, draws=100)
    assert all(found[key].low <= found[key].value <= found[key].high for key in KEYS)


def test_too_few_windows_are_told(setting):
    with pytest.raises(NotMeasurable, match="4 windows of 5 seconds in its samples are too few; it takes 6"):
        values(dancers(range(2)), setting)
    with pytest.raises(NotMeasurable, match="8 real sequences or windows at least, and there are 2"):
        values(dancers(range(4)), make_setting(dancers(range(1))))
    with pytest.raises(NotMeasurable, match="0 windows"):
        values({"song0": [standing(149)]}, setting)
