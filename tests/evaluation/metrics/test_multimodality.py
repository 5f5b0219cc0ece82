import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system, swaying
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.multimodality import Multimodality
from transflower.evaluation.sequence_features import KINDS, scaled_by_reference, whole

METRIC = Multimodality()


@pytest.fixture(scope="module")
def setting():
    return make_setting({f"song{seed}": [swaying(90, seed=seed)] for seed in range(8)})


def test_it_is_the_mean_distance_of_samples_of_one_song(setting):
    system = make_system({"a": [swaying(90, seed=seed) for seed in (10, 11, 12)], "b": [swaying(90, seed=13)] * 2})
    rows = [
        np.concatenate([scaled_by_reference(system, setting, whole(kind), kind)(whole(kind)(one))[0] for kind in KINDS])
        for one in system.samples["a"]
    ]
    pairs = [np.linalg.norm(rows[i] - rows[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    found = estimate(METRIC, system, setting, draws=20)
    assert found["multimodality"].value == pytest.approx(np.mean(pairs) / 2)  # The two samples of b are the same.
    assert found["multimodality"].recordings == 2


def test_samples_without_a_body_are_compared_frame_by_frame():
    random = np.random.default_rng(0)
    setting = make_setting({"song": [random.normal(size=(400, 3))]})
    found = estimate(METRIC, make_system({"song": list(random.normal(size=(2, 400, 3)))}), setting)
    assert found["sample_distance"].value == pytest.approx(np.sqrt(2), abs=0.15)
    assert np.isnan(found["multimodality"].value)


def test_one_sample_of_each_song_is_too_few(setting):
    with pytest.raises(NotMeasurable, match="takes two"):
        estimate(METRIC, make_system({f"song{seed}": [swaying(90, seed=seed)] for seed in range(3)}), setting)
