import numpy as np
import pytest

from transflower.features.audio.decaying_sums import decaying_sums


def test_the_past_counts_less_with_each_frame_and_pieces_give_what_the_whole_gives() -> None:
    values = np.array([[1.0, 4.0], [0.0, 2.0], [3.0, 0.0]])
    whole = decaying_sums(values, np.array([8.0, 0.0]), keep=0.5)
    np.testing.assert_array_equal(whole, [[5.0, 4.0], [2.5, 4.0], [4.25, 2.0]])
    np.testing.assert_array_equal(decaying_sums(values[1:], whole[0], keep=0.5), whole[1:])
    assert decaying_sums(values[:0], whole[0], keep=0.5).shape == (0, 2)


@pytest.mark.parametrize("count", [127, 128, 129, 500, 5000])
def test_many_frames_have_the_sums_that_they_have_one_by_one(count) -> None:
    values, before = np.random.default_rng(count).standard_normal((count, 3)), np.array([1.0, -2.0, 30.0])
    expected, last = [], before
    for value in values:
        last = value + 0.995 * last
        expected.append(last)
    np.testing.assert_allclose(decaying_sums(values, before, keep=0.995), expected, rtol=0, atol=1e-11)
