"""Faults that are planted, and how well they are found."""

import numpy as np
import pytest

from benchmarks.faults.plant import FAULTS, plant_all
from benchmarks.faults.roc import estimate_area, roc_area
from tests.motion.factories import make_clip
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from transflower.motion.kinematics import forward


def test_the_area_is_the_share_of_pairs_in_which_the_fault_is_higher():
    assert roc_area(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert roc_area(np.array([0.0, 3.0]), np.array([1.0, 2.0])) == 0.5
    assert roc_area(np.array([1.0]), np.array([1.0, 0.0])) == 0.75
    found = estimate_area([(np.array([2.0, 3.0]), np.array([0.0, 2.5]))] * 3)
    assert found.value == found.low == found.high == 0.75


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_changes_its_frames_and_no_pose_elsewhere(kind):
    skeleton, _ = Body(names=CONVENTIONS["mixamo"]).build()
    clip, (plant, seconds) = make_clip(90, fps=30.0, skeleton=skeleton), FAULTS[kind]
    found = plant_all(clip, plant, seconds, [40], np.random.default_rng(0))
    before, after = (forward(one)[0] for one in (clip, found))
    moved = np.abs((before - before[:, :1]) - (after - after[:, :1])).max(axis=(1, 2)) > 1e-6
    if kind == "foot slide":
        assert not moved.any()
        step = np.linalg.norm(np.diff(after[:, 0] - before[:, 0], axis=0), axis=-1) * 30
        np.testing.assert_allclose(step[40:70], 0.4)
        np.testing.assert_allclose(step[:40], 0, atol=1e-9)
    else:
        assert moved[40:42].any()
        assert not moved[:40].any()
        assert not moved[40 + round(seconds * 30) :].any()
