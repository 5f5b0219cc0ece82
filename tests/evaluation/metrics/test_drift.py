from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_samples, make_setting, make_system, standing, swaying
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.drift import Drift
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

MINUTE = 1800


def noise(*deviations, seed=0):
    """A minute of white noise of each deviation, and some seconds."""
    random = np.random.default_rng(seed)
    return np.concatenate([random.normal(0, one, (MINUTE, 3)) for one in deviations] + [np.full((100, 3), 99.0)])


@pytest.fixture
def setting():
    return make_setting({"song": [noise(1)[:MINUTE]]})


def drifting(given):
    return replace(make_system({}), long=make_samples(given))


def test_a_model_that_goes_on_as_it_began_does_not_drift(setting):
    found = estimate(Drift(), drifting({"a": [noise(1, 1, 1)], "b": [noise(1, 1, 1, seed=1)]}), setting)
    assert found["drift_minutes"].value == 3
    assert found["drift_spread"].value == pytest.approx(0, abs=0.05)
    assert found["drift_pose_distance"].value == pytest.approx(0, abs=0.05)
    assert np.isnan(found["drift_slide"].value)


def test_growing_spread_is_measured_in_the_last_minute(setting):
    system = drifting({"a": [noise(1, 5, 2)], "b": [noise(1, 5, 2, seed=1)]})
    found = estimate(Drift(), system, setting, draws=50)
    assert found["drift_spread"].value == pytest.approx(1, abs=0.05)
    assert found["drift_pose_distance"].value == pytest.approx(3 * (2 - 1) ** 2, abs=0.2)
    assert np.isnan(found["drift_spread"].low)  # Two recordings have no interval.


def test_a_body_that_stops_is_frozen_more():
    dance, still = swaying(MINUTE), standing(MINUTE)
    translations = {0: np.concatenate([dance.translations[0], still.translations[0]])}
    clip = replace(dance, rotations=np.concatenate([dance.rotations, still.rotations]), translations=translations)
    found = estimate(Drift(), drifting({"song": [clip]}), make_setting({"song": [dance]}))
    assert found["drift_frozen"].value == pytest.approx(1, abs=0.02)
    assert found["drift_slide"].value < 0


def test_what_has_no_minutes_says_so(setting):
    with pytest.raises(NotMeasurable, match="no long samples"):
        estimate(Drift(), make_system({"song": [noise(1)]}), setting)
    with pytest.raises(NotMeasurable, match="fewer than two whole minutes"):
        estimate(Drift(), drifting({"song": [noise(1)]}), setting)
    with pytest.raises(NotMeasurable, match="frames of the data are too few"):
        estimate(Drift(), drifting({"song": [noise(1, 1)]}), make_setting({"song": [noise(1)[:2]]}))


def test_a_body_without_legs_has_no_slide():
    body = Skeleton(("Hips", "Head"), (-1, 0), np.array([[0.0, 1.0, 0.0], [0.0, 0.5, 0.0]]))
    moves = np.cumsum(np.random.default_rng(0).normal(0, 0.01, (2 * MINUTE, 3)), axis=0)
    clip = Clip(body, 30.0, rot.identity(2 * MINUTE, 2), {0: moves})
    found = estimate(Drift(), drifting({"song": [clip]}), make_setting({"song": [clip]}))
    assert np.isnan(found["drift_slide"].value)
    assert np.isfinite(found["drift_frozen"].value)
