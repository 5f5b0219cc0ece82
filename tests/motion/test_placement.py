import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.motion import rotations as rot
from transflower.motion.placement import Placement, ground, unground

FORWARD = (0.0, 0.0, 1.0)


def random_root(num_frames: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=(num_frames, 3)), rot.from_expmap(random.normal(size=(num_frames, 3)))


@given(
    num_frames=st.integers(1, 30),
    seed=st.integers(0, 2**16),
    forward=st.sampled_from([FORWARD, (0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)]),
)
def test_ungrounding_from_the_first_placement_gives_the_root_back(num_frames, seed, forward):
    positions, rotations = random_root(num_frames, seed)
    grounded, first = ground(positions, rotations, forward)
    positions_back, rotations_back = unground(grounded, first)
    np.testing.assert_allclose(positions_back, positions, atol=1e-9)
    assert rot.angle_between(rotations_back, rotations).max() < 1e-7


@given(seed=st.integers(0, 2**16))
def test_a_grounded_root_faces_forward_over_the_origin(seed):
    grounded, _ = ground(*random_root(10, seed), FORWARD)
    assert np.abs(rot.yaw(grounded.rotations)).max() < 1e-9
    assert np.abs(grounded.positions[:, [0, 2]]).max() == 0


def test_the_turn_across_the_back_is_small():
    headings = np.array([3.1, 3.2])
    grounded, _ = ground(np.zeros((2, 3)), rot.from_yaw(headings), FORWARD)
    np.testing.assert_allclose(grounded.deltas[:, 2], 0.1)


def test_the_first_frame_has_the_deltas_of_the_second_seen_from_its_own_heading():
    rotations = rot.from_yaw(np.array([0.0, np.pi / 2]))
    grounded, _ = ground(np.array([[0.0, 1, 0], [0.0, 1, 2]]), rotations, FORWARD)
    np.testing.assert_allclose(grounded.deltas, [[0, 2, np.pi / 2], [-2, 0, np.pi / 2]], atol=1e-12)


def test_a_single_frame_has_no_deltas():
    grounded, _ = ground(*random_root(1, 0), FORWARD)
    assert (grounded.deltas == 0).all()


def test_a_body_that_faces_the_sky_keeps_its_heading():
    lying = rot.from_expmap(np.array([[0.0, 1.0, 0.0], [-np.pi / 2, 0.0, 0.0], [0.0, 1.2, 0.0]]))
    grounded, first = ground(np.zeros((3, 3)), lying, FORWARD)
    np.testing.assert_allclose(grounded.deltas[:, 2], [0, 0, 0.2], atol=1e-9)
    assert first.heading == pytest.approx(1.0)


def test_the_deltas_of_the_first_frame_are_not_used():
    grounded, _ = ground(*random_root(5, 1), FORWARD)
    positions, _ = unground(grounded, Placement(x=3.0))
    grounded.deltas[0] = 99
    np.testing.assert_array_equal(unground(grounded, Placement(x=3.0))[0], positions)
