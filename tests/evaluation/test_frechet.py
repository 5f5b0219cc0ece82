import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from transflower.core.errors import DataError
from transflower.evaluation.frechet import (
    FrechetReference,
    RowSums,
    frechet_distance,
    movement_distance,
    movements,
    pose_distance,
)


def exact_rows(mean, covariance):
    """Rows with exactly this mean and (unbiased) covariance."""
    dim = len(mean)
    rows = np.random.default_rng(0).normal(size=(8 * dim, dim))
    rows -= rows.mean(0)
    white = rows @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(rows, rowvar=False)))).T
    return white @ np.linalg.cholesky(np.atleast_2d(covariance)).T + mean


def test_distance_of_two_known_gaussians():
    a = exact_rows([0.0, 0.0, 1.0], np.diag([1.0, 4.0, 9.0]))
    b = exact_rows([3.0, 4.0, 1.0], np.diag([4.0, 1.0, 9.0]))
    # Diagonal covariances: squared difference of means plus squared differences of standard deviations.
    assert frechet_distance(a, b) == pytest.approx(25 + 1 + 1 + 0)


def test_distance_of_covariances_that_do_not_commute():
    a, b = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 1.0]])
    # For 2 x 2 matrices, tr sqrt(AB) = sqrt(tr(AB) + 2 sqrt(det(AB))).
    expected = 4 + 4 - 2 * np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    assert frechet_distance(exact_rows([0, 0], a), exact_rows([0, 0], b)) == pytest.approx(expected)


def test_one_column():
    assert frechet_distance(exact_rows([0.0], [[1.0]]), exact_rows([2.0], [[9.0]])) == pytest.approx(4 + 4)


@given(seed=st.integers(0, 1000), dim=st.integers(1, 6))
def test_it_is_symmetric_zero_for_equals_and_never_negative(seed, dim):
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(40, dim)), random.normal(size=(50, dim)) @ random.normal(size=(dim, dim))
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), abs=1e-8)
    assert 0 <= frechet_distance(a, a) < 1e-8
    assert frechet_distance(a, b) >= 0


def test_constant_columns_are_no_obstacle():
    a = np.random.default_rng(0).normal(size=(30, 3)) * [1, 1, 0]
    assert frechet_distance(a, a + np.array([0, 0, 2])) == pytest.approx(4)


def test_it_agrees_with_the_square_root_of_scipy():
    random = np.random.default_rng(1)
    a, b = random.normal(1, 2, (90, 7)), random.normal(size=(80, 7)) @ random.normal(size=(7, 7))
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    apart = np.sum((a.mean(0) - b.mean(0)) ** 2)
    expected = apart + np.trace(first + second - 2 * sqrtm(first @ second).real)
    assert frechet_distance(a, b) == pytest.approx(expected)


@pytest.mark.parametrize("centred", [True, False])
def test_draws_of_parts_have_the_distance_of_their_rows(centred):
    random = np.random.default_rng(2)
    real, parts = random.normal(size=(60, 4)), [random.normal(index, 1, (20, 4)) for index in range(3)]
    drawn = np.array([[0, 1, 2], [2, 2, 0], [1, 1, 1]])
    found = FrechetReference(RowSums.of(real), centred=centred).distances([RowSums.of(part) for part in parts], drawn)
    expected = [frechet_distance(real, np.concatenate([parts[k] for k in row]), centred=centred) for row in drawn]
    np.testing.assert_allclose(found, expected)


def test_sums_of_parts_are_those_of_all_rows():
    rows = np.random.default_rng(3).normal(size=(50, 3))
    joined, whole = RowSums.joined(RowSums.of(part) for part in np.split(rows, [10, 31])), RowSums.of(rows)
    assert joined.count == whole.count
    np.testing.assert_allclose(joined.total, whole.total)
    np.testing.assert_allclose(joined.products, whole.products)


def test_a_movement_is_three_poses():
    assert movements(np.arange(10.0).reshape(5, 2)).tolist() == [
        [0, 1, 2, 3, 4, 5], [2, 3, 4, 5, 6, 7], [4, 5, 6, 7, 8, 9],
    ]  # fmt: skip
    assert movements(np.zeros((2, 4))).shape == (0, 12)


def test_uncentred_takes_second_moments():
    a, b = exact_rows([3.0], [[1.0]]), exact_rows([0.0], [[1.0]])
    moment_a, moment_b = np.mean(a**2), np.mean(b**2)
    expected = 9 + (np.sqrt(moment_a) - np.sqrt(moment_b)) ** 2
    assert frechet_distance(a, b, centred=False) == pytest.approx(expected)


def test_movements_tell_what_poses_cannot():
    random = np.random.default_rng(0)
    smooth = np.cumsum(random.normal(size=(4, 500, 2)), axis=1)
    shuffled = np.stack([sequence[random.permutation(500)] for sequence in smooth])
    assert pose_distance(smooth, shuffled) < 1e-6
    assert movement_distance(smooth, shuffled) > 10
    assert movement_distance(smooth, smooth) < 1e-6


def test_sequences_are_not_joined_by_a_jump():
    still = [np.zeros((50, 1)), np.full((50, 1), 100.0)]
    moving = [np.zeros((50, 1)), np.full((50, 1), 100.0)]
    moving[0][1::2] = 1e-3
    assert movement_distance(still, moving) < 1e-3


@pytest.mark.parametrize(
    ("real", "fake", "words"),
    [
        (np.zeros((10, 3)), np.zeros((10, 2)), "equal columns"),
        (np.zeros((3, 3)), np.zeros((10, 3)), "the data: 3 frames are too few .* at least 4"),
        (np.zeros((10, 3)), np.zeros((2, 3)), "the samples: 2 frames are too few"),
        (np.zeros((10, 3)), np.full((10, 3), np.nan), "the samples: frame 0 .* not finite"),
        (np.where(np.arange(10)[:, None] == 7, np.inf, np.zeros((10, 3))), np.zeros((10, 3)), "the data: frame 7"),
    ],
)
def test_what_cannot_be_measured_is_refused(real, fake, words):
    with pytest.raises(DataError, match=words):
        frechet_distance(real, fake)


def test_no_sequences_are_refused():
    with pytest.raises(DataError, match="at least one sequence"):
        pose_distance([], [np.zeros((9, 2))])
    with pytest.raises(DataError, match="differ in columns"):
        pose_distance([np.zeros((9, 2)), np.zeros((9, 3))], [np.zeros((9, 2))])
