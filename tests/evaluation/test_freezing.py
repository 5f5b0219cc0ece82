import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.evaluation.freezing import frozen_share


def test_standing_still_for_a_third_is_a_third():
    time = np.minimum(np.arange(301), 200)
    positions = (time[:, None, None] / 30) * np.ones((5, 3))
    assert frozen_share(positions, 30.0) == pytest.approx(1 / 3)


def test_one_moving_arm_is_not_freezing():
    positions = np.zeros((60, 20, 3))
    positions[:, 3, 0] = np.arange(60) / 30
    assert frozen_share(positions, 30.0) == 0


def test_one_frame_is_refused():
    with pytest.raises(DataError, match="at least two frames, got 1"):
        frozen_share(np.zeros((1, 4, 3)), 30.0)
