import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.evaluation.diversity import diversity


def test_equal_samples_have_none():
    assert diversity(np.ones((4, 10, 3))) == 0


def test_known_distances_are_averaged_over_pairs():
    # Distances 3, 4 and 1 between three samples.
    samples = np.array([0.0, 3.0, 4.0])[:, None, None] * np.ones((3, 10, 6))
    assert diversity(samples) == pytest.approx((3 + 4 + 1) / 3)


def test_unrelated_standard_samples_are_about_the_root_of_two_apart():
    assert diversity(np.random.default_rng(0).normal(size=(6, 200, 100))) == pytest.approx(np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("shape", [(1, 10, 3), (0, 10, 3), (3, 0, 3)])
def test_what_has_no_pairs_is_refused(shape):
    with pytest.raises(DataError, match="at least two samples"):
        diversity(np.zeros(shape))
