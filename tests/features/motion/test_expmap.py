import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transflower.features.motion.expmap import ExponentialMap, unroll
from transflower.motion import rotations as rot


def spin(*radians: float) -> np.ndarray:
    """Rotations of one joint about Y."""
    return rot.from_yaw(np.array(radians))[:, None]


def test_a_spinning_joint_counts_its_turns_for_a_while():
    angles = np.linspace(0, 7 * np.pi, 50)
    encoded = ExponentialMap().encode(spin(*angles), np.zeros((1, 3)))
    np.testing.assert_allclose(encoded[:, 0, 1], angles, atol=1e-6)


def test_a_joint_that_stops_after_a_whole_turn_stays_there():
    encoded = ExponentialMap().encode(spin(0, 2, 4, 6, 2 * np.pi, 2 * np.pi), np.zeros((1, 3)))
    np.testing.assert_allclose(encoded[-2:, 0], [[0, 2 * np.pi, 0]] * 2, atol=1e-6)


def test_a_whole_turn_that_stays_is_taken_back_where_it_began():
    """As after a somersault: the body that stands again is the body that stood before."""
    turned = np.concatenate([np.linspace(0, 2 * np.pi, 20), np.full(100, 2 * np.pi + 0.3)])
    encoded = ExponentialMap().encode(spin(*turned), np.zeros((1, 3)))[:, 0, 1]
    np.testing.assert_allclose(encoded[:10], turned[:10], atol=1e-6)
    np.testing.assert_allclose(encoded[10:], turned[10:] - 2 * np.pi, atol=1e-6)


def test_a_foot_that_flips_is_written_afterwards_as_before():
    """Smoothed, a flip goes on to a whole turn, and a dance went on a turn away from other dances."""
    usual = rot.from_expmap(np.tile([-0.3, 0.1, 0.0], (200, 1)))[:, None]
    around = np.array([1.5, 2.6, 3.6, 4.6, 5.4, 5.8])
    usual[80:86] = rot.from_expmap(np.stack([around, 0 * around, 0 * around], axis=-1))[:, None]
    encoded = ExponentialMap().encode(usual, np.zeros((1, 3)))
    np.testing.assert_allclose(encoded[[0, 79, 100, 199], 0], np.tile([-0.3, 0.1, 0.0], (4, 1)), atol=1e-6)


def test_a_joint_that_stays_near_half_a_turn_does_not_jump():
    angles = np.pi + 0.3 * np.sin(np.linspace(0, 20, 300)) + np.linspace(0, 0.5, 300)
    encoded = ExponentialMap().encode(spin(*angles), np.zeros((1, 3)))
    assert np.abs(np.diff(encoded[:, 0, 1])).max() < 0.1


@given(seed=st.integers(0, 2**16))
def test_turns_that_are_taken_back_change_no_rotation(seed):
    walk = np.cumsum(np.random.default_rng(seed).normal(size=(300, 2, 3)), axis=0)
    encoded = ExponentialMap().encode(rot.from_expmap(walk), np.zeros((2, 3)))
    assert rot.angle_between(rot.from_expmap(encoded), rot.from_expmap(walk)).max() < 1e-6


def test_the_first_frame_turns_by_at_most_half_a_turn():
    encoded = ExponentialMap().encode(spin(4.0), np.zeros((1, 3)))
    np.testing.assert_allclose(encoded[0, 0], [0, 4.0 - 2 * np.pi, 0], atol=1e-6)


def test_the_first_frame_is_written_as_other_recordings_are():
    encoded = ExponentialMap().encode(spin(4.0), np.array([[0, 3.0, 0]]))
    np.testing.assert_allclose(encoded[0, 0], [0, 4.0, 0], atol=1e-6)


@given(seed=st.integers(0, 2**16), scale=st.floats(0, 20))
def test_unrolled_vectors_are_the_same_rotations_and_never_far_from_the_frame_before(seed, scale):
    vectors = scale * np.random.default_rng(seed).normal(size=(20, 3, 3))
    rotations = rot.from_expmap(vectors)
    unrolled = unroll(rot.to_expmap(rotations), np.zeros((3, 3)))
    assert rot.angle_between(rot.from_expmap(unrolled), rotations).max() < 1e-6
    # Along the axis of a frame, half a turn is the farthest that the nearest can be.
    axes = unrolled / np.maximum(np.linalg.norm(unrolled, axis=-1, keepdims=True), 1e-12)
    steps = np.sum((unrolled[1:] - unrolled[:-1]) * axes[1:], axis=-1)
    assert np.abs(steps).max() <= np.pi + 1e-6


def test_whole_turns_in_columns_do_not_matter():
    columns = np.array([[[0.0, 0.5, 0.0], [0.0, 0.5 + 6 * np.pi, 0.0]]])
    decoded = ExponentialMap().decode(columns)
    assert rot.angle_between(decoded[:, 0], decoded[:, 1]).max() < 1e-6
