import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.render.outlines import directions, hulls

TOWARDS = directions(1080)
finite = st.floats(-100, 100)
discs = st.lists(st.tuples(finite, finite, st.floats(0.1, 50)), min_size=1, max_size=5)


def outline(shape):
    shape = np.array(shape, np.float32)
    return hulls(shape[None, :, :2], shape[None, :, 2], TOWARDS)[0]


def test_one_disc_is_a_circle():
    corners = outline([(3.0, 4.0, 2.0)])
    assert corners.shape == TOWARDS.shape
    np.testing.assert_allclose(np.linalg.norm(corners - [3, 4], axis=1), 2, rtol=1e-5)


def test_two_discs_are_a_capsule():
    corners = outline([(0.0, 0.0, 1.0), (10.0, 0.0, 2.0)])
    np.testing.assert_allclose([corners[:, 0].min(), corners[:, 0].max()], [-1, 12], atol=1e-5)
    np.testing.assert_allclose([corners[:, 1].min(), corners[:, 1].max()], [-2, 2], atol=1e-5)


@given(shape=discs)
def test_an_outline_is_convex_and_touches_the_discs_from_outside(shape):
    corners = outline(shape)
    discs_ = np.array(shape, np.float32)
    reach = (discs_[:, :2] @ TOWARDS.T + discs_[:, 2:]).max(axis=0)
    np.testing.assert_allclose((corners @ TOWARDS.T).max(axis=0), reach, rtol=1e-4, atol=1e-3)
    edges = np.roll(corners, -1, axis=0) - corners
    after = np.roll(edges, -1, axis=0)
    assert (edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0] >= -0.05).all()


@given(shape=discs)
def test_a_disc_given_twice_changes_nothing(shape):
    np.testing.assert_array_equal(outline(shape), outline([*shape, shape[-1]]))


@pytest.mark.parametrize("height", [64, 360, 720, 1080, 8192])
def test_outlines_look_round_in_pictures_of_any_size(height):
    broadest = 0.05 * height
    away = broadest - broadest * np.cos(np.pi / len(directions(height)))
    assert away < 0.25
