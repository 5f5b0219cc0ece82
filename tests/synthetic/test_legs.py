import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transflower.motion import rotations as rot
from transflower.synthetic.legs import LONGEST, SHANK, THIGH, solve_leg


@given(seed=st.integers(0, 2**16), reach=st.floats(0.45, 1.0))
def test_a_solved_leg_ends_at_the_ankle_and_bends_forward(seed, reach):
    rng = np.random.default_rng(seed)
    hip = rng.normal(size=(5, 3))
    down = rng.normal(0, 0.35, (5, 3)) - [0, 1, 0]
    ankle = hip + reach * LONGEST * down / np.linalg.norm(down, axis=-1, keepdims=True)
    forward = np.tile([0.0, 0.35, 1.0], (5, 1))
    thigh, shank = solve_leg(hip, ankle, forward)
    knee = hip + rot.rotate(thigh, np.array([0, -THIGH, 0]))
    np.testing.assert_allclose(knee + rot.rotate(shank, np.array([0, -SHANK, 0])), ankle, atol=1e-6)
    straight = hip + (ankle - hip) * THIGH / (THIGH + SHANK)
    assert (np.sum((knee - straight) * forward, axis=-1) > 0).all()


def test_an_ankle_out_of_reach_stretches_the_leg_towards_it_without_locking_the_knee():
    thigh, shank = solve_leg(np.zeros((1, 3)), np.array([[0.0, -2.0, 0.0]]), np.array([[0.0, 0.0, 1.0]]))
    knee = rot.rotate(thigh, np.array([0, -THIGH, 0]))
    ankle = knee + rot.rotate(shank, np.array([0, -SHANK, 0]))
    np.testing.assert_allclose(ankle, [[0, -LONGEST, 0]], atol=1e-9)
    assert np.degrees(rot.angle_between(thigh, shank))[0] > 10
