import numpy as np
import pytest

from transflower.evaluation.self_contact import overlap


def nearest_by_search(first, second, steps=200):
    shares = np.linspace(0, 1, steps)[:, None]
    one, other = (ends[0] + shares * (ends[1] - ends[0]) for ends in (first, second))
    return np.linalg.norm(one[:, None] - other[None], axis=-1).min()


@pytest.mark.parametrize("seed", range(30))
def test_axes_are_as_far_as_a_search_says(seed):
    points = np.random.default_rng(seed).normal(size=(4, 3))
    none = (np.zeros(1), np.zeros(1))
    found = -overlap(*(point[None, None] for point in points), none, none)[0, 0]
    assert found == pytest.approx(nearest_by_search(points[:2], points[2:]), abs=0.02)


def test_radii_count_where_the_axes_are_nearest():
    ends = [np.array(point, float)[None, None] for point in ((0, 0, 0), (2, 0, 0), (1, 1, 0), (1, 3, 0))]
    found = overlap(*ends, (np.array([0.2]), np.array([0.6])), (np.array([0.5]), np.array([9.0])))
    assert found[0, 0] == pytest.approx(0.4 + 0.5 - 1)


def test_parallel_and_pointlike_axes():
    ends = [np.array(point, float)[None, None] for point in ((0, 0, 0), (1, 0, 0), (0.5, 2, 0), (3, 2, 0))]
    none = (np.zeros(1), np.zeros(1))
    assert overlap(*ends, none, none)[0, 0] == pytest.approx(-2)
    assert overlap(ends[0], ends[0], ends[3], ends[3], none, none)[0, 0] == pytest.approx(-np.sqrt(13))
