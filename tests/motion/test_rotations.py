import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from transflower.motion import rotations as rot

ORDERS = ["".join(axes) for axes in itertools.permutations("XYZ")]

vectors = arrays(float, (5, 3), elements=st.floats(-4, 4, allow_subnormal=False))
orders = st.sampled_from(ORDERS)


def quaternions(expmap):
    return rot.from_expmap(expmap)


def degrees_between(a, b):
    return np.degrees(rot.angle_between(a, b)).max()


@given(expmap=vectors, order=orders)
def test_every_representation_leads_back_to_the_same_rotation(expmap, order):
    q = quaternions(expmap)
    q_euler = rot.from_euler(rot.to_euler(q, order), order)
    q_rot6d = rot.from_rot6d(rot.to_rot6d(q_euler))
    q_matrix = rot.from_matrix(rot.to_matrix(q_rot6d))
    assert degrees_between(q, rot.from_expmap(rot.to_expmap(q_matrix))) < 1e-5


@given(first=st.floats(-3, 3), side=st.sampled_from([-1, 1]), off=st.floats(0, 1e-6), order=orders)
def test_euler_angles_at_and_near_gimbal_lock_give_the_same_rotation(first, side, off, order):
    q = rot.from_euler(np.array([first, side * (np.pi / 2 - off), 0.7]), order)
    assert degrees_between(q, rot.from_euler(rot.to_euler(q, order), order)) < 1e-5


def test_euler_angles_turn_about_axes_that_turn_along():
    # A quarter turn about Z takes the X axis to Y; turning on about that axis takes Z to X.
    q = rot.from_euler(np.radians([90.0, 90.0]), "ZX")
    np.testing.assert_allclose(rot.rotate(q, np.array([0.0, 0.0, 1.0])), [1, 0, 0], atol=1e-12)


@pytest.mark.parametrize("axis", "XYZ")
def test_one_euler_angle_is_a_hinge(axis):
    q = rot.from_euler(np.radians([[30.0]]), axis)
    expected = np.zeros((1, 3))
    expected[0, "XYZ".index(axis)] = np.radians(30)
    np.testing.assert_allclose(rot.to_expmap(q), expected, atol=1e-12)


@given(a=vectors, b=vectors)
def test_a_product_turns_by_its_right_factor_first(a, b):
    a, b = quaternions(a), quaternions(b)
    v = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(rot.rotate(rot.multiply(a, b), v), rot.rotate(a, rot.rotate(b, v)), atol=1e-12)


@given(expmap=vectors)
def test_quaternions_and_matrices_turn_vectors_alike(expmap):
    q, v = quaternions(expmap), np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(rot.rotate(q, v), rot.to_matrix(q) @ v, atol=1e-12)
    np.testing.assert_allclose(rot.rotate(rot.inverse(q), rot.rotate(q, v)), np.tile(v, (5, 1)), atol=1e-12)


@given(a=vectors, b=vectors, weight=st.floats(0, 1))
def test_slerp_goes_its_share_of_the_shorter_arc(a, b, weight):
    a, b = quaternions(a), quaternions(b)
    between = rot.slerp(a, b, weight)
    whole = rot.angle_between(a, b)
    np.testing.assert_allclose(rot.angle_between(a, between), weight * whole, atol=1e-7)
    np.testing.assert_allclose(rot.angle_between(between, b), (1 - weight) * whole, atol=1e-7)
    np.testing.assert_allclose(np.linalg.norm(between, axis=-1), 1, atol=1e-12)


def test_slerp_between_equal_and_opposite_signs_stays_put():
    q = rot.from_expmap(np.array([0.1, 0.2, 0.3]))
    assert degrees_between(rot.slerp(q, -q, 0.3), q) < 1e-12


def test_tiny_angles_are_measured_exactly():
    tiny = rot.from_expmap(np.array([1e-9, 0.0, 0.0]))
    assert rot.angle_between(rot.identity(), tiny) == pytest.approx(1e-9, rel=1e-6)


def test_continuous_keeps_rotations_and_never_jumps_to_the_other_sign():
    q = rot.from_expmap(np.linspace([0.0, 0, 0], [9.0, 0, 0], 50))
    flipped = q * np.where(np.arange(50) % 3 == 0, -1, 1)[:, None]
    smooth = rot.continuous(flipped)
    assert np.all(np.sum(smooth[1:] * smooth[:-1], axis=-1) > 0)
    assert degrees_between(smooth, q) < 1e-10


def test_the_mean_of_rotations_is_the_middle_of_them_whatever_their_signs():
    middle, turn = rot.from_expmap(np.array([0.4, 0.3, -0.8])), np.array([0.5, 0.2, 0.1])
    around = [rot.multiply(rot.from_expmap(sign * turn), middle) for sign in (-1, 1)]
    np.testing.assert_allclose(
        rot.angle_between(rot.mean(np.stack([around[0], -around[1], middle])), middle), 0, atol=1e-9
    )


@given(angle=st.floats(-3.1, 3.1))
def test_yaw_is_the_angle_about_the_vertical(angle):
    nodding = rot.from_expmap(np.array([0.4, 0.0, 0.0]))
    assert rot.yaw(rot.multiply(rot.from_yaw(np.array(angle)), nodding)) == pytest.approx(angle, abs=1e-9)
