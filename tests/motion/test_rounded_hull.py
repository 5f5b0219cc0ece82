import numpy as np
import pytest

from transflower.motion.rounded_hull import rounded_hull


def volume_and_area(hull):
    a, b, c = (hull.positions[hull.triangles[:, corner]] for corner in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return np.einsum("fa,fa->", a, np.cross(b, c)) / 6, areas.sum()


@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_a_capsule_has_the_volume_of_one_and_shows_its_outer_side(shift):
    hull = rounded_hull(np.array([[0.0, 0, shift], [0, 0.4, shift]]), np.array([0.1, 0.1]))
    exact = np.pi * 0.1**2 * 0.4 + 4 / 3 * np.pi * 0.1**3
    assert volume_and_area(hull)[0] == pytest.approx(exact, rel=0.06)


def test_vertices_lie_on_their_spheres_and_nothing_lies_outside():
    centres, radii = np.random.default_rng(0).uniform(0, 0.3, (4, 3)), np.array([0.1, 0.08, 0.02, 0.06])
    hull = rounded_hull(centres, radii)
    np.testing.assert_allclose(hull.positions, centres[hull.spheres] + radii[hull.spheres, None] * hull.normals)
    # A support function of the spheres: no vertex is beyond any tangent plane.
    reach = (centres @ hull.normals.T + radii[:, None]).max(axis=0)
    assert (hull.positions @ hull.normals.T).max(axis=0) == pytest.approx(reach, abs=1e-3)


def test_triangles_face_the_way_their_normals_point():
    hull = rounded_hull(np.array([[0.0, 0, 0], [0.3, 0, 0], [0, 0.4, 0.1]]), np.array([0.1, 0.05, 0.08]))
    a, b, c = (hull.positions[hull.triangles[:, corner]] for corner in range(3))
    facing = np.sum(np.cross(b - a, c - a) * hull.normals[hull.triangles].mean(axis=1), axis=1)
    assert (facing > 0).all()


@pytest.mark.parametrize("centres", [[[0, 0, 0]], [[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0.01, 0, 0]]])
def test_spheres_in_one_another_are_the_largest(centres):
    hull = rounded_hull(np.array(centres, float), np.array([0.1, 0.05])[: len(centres)])
    assert set(hull.spheres) == {0}


def test_spheres_that_are_points_in_comparison_leave_the_largest():
    hull = rounded_hull(np.array([[0.0, 0, 0], [1e18, 0, 0]]), np.array([0.1, 0.2]))
    assert np.linalg.norm(hull.positions - [1e18, 0, 0], axis=1).max() < 1000
