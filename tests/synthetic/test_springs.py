import numpy as np
import pytest

from transflower.synthetic.controls import INDEX, NAMES
from transflower.synthetic.springs import Spring, follow_through


@pytest.mark.parametrize("fps", [20.0, 30.0, 120.0])
def test_a_spring_arrives_late_swings_past_and_settles(fps):
    target = np.ones((round(3 * fps), 1))
    target[: round(fps)] = 0
    track = Spring(3.0, 0.4).follow(target, fps)[:, 0]
    assert track[round(fps)] < 0.7
    assert track.max() > 1.1
    assert track[-1] == pytest.approx(1, abs=0.01)


def test_a_spring_at_rest_stays_there():
    np.testing.assert_allclose(Spring(3.0, 0.4).follow(np.full((20, 2), 0.7), 30.0), 0.7, atol=1e-9)


def test_the_wrist_comes_later_than_the_arm():
    controls = np.zeros((360, len(NAMES)))
    controls[120:] = 1
    moved = follow_through(controls, 120.0, looseness=1.0)
    half_way = {name: np.argmax(moved[:, INDEX[name]] > 0.5) for name in ("arm_z_l", "elbow_l", "wrist_bend_l")}
    assert half_way["arm_z_l"] <= half_way["elbow_l"] < half_way["wrist_bend_l"]
