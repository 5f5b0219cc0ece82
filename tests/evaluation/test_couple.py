"""Two dancers together."""

from dataclasses import replace

import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.evaluation.couple import CoupleDistances, couple_distances
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.kinematics import forward


def standing(x=0.0, *, frames=4, fps=30.0):
    skeleton = common_skeleton()
    track = np.tile(skeleton.offsets[0] + np.array([x, 0, 0]), (frames, 1))
    return Clip(skeleton, fps, rot.identity(frames, skeleton.num_joints), {0: track})


def test_hips_and_nearest_hands_are_measured():
    found = couple_distances(standing(), standing(2.0, frames=3))
    names = common_skeleton().names
    hands = [forward(standing())[0][0, names.index(f"{side}Hand"), 0] for side in ("Left", "Right")]
    np.testing.assert_allclose(found.hips, [2.0] * 3)
    np.testing.assert_allclose(found.hands, [2.0 - (hands[0] - hands[1])] * 3)


def test_the_middle_of_other_couples_counts():
    even = np.linspace(0, 1, 101)
    real = CoupleDistances(hips=even, hands=even)
    assert CoupleDistances(hips=even, hands=even).within(real) == pytest.approx(0.9, abs=0.01)
    far = CoupleDistances(hips=even, hands=even + 2)
    assert far.within(real) == 0
    assert len(CoupleDistances.joined([real, far]).hips) == 202


def test_rates_must_be_equal():
    with pytest.raises(DataError, match="one frame rate, got 30 and 60"):
        couple_distances(standing(), replace(standing(), fps=60.0))
