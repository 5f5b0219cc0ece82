import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.core.seeds import generator
from transflower.data import window_order
from transflower.data.window_order import WindowOrder, permuted


@given(st.integers(1, 300), st.integers(0, 2**32))
def test_numbers_are_permuted(count, seed):
    keys = np.random.default_rng(seed).integers(0, 2**63, 6, np.uint64)
    assert sorted(permuted(np.arange(count), count, keys)) == list(range(count))


def test_permutations_of_many_numbers_look_random():
    keys = np.random.default_rng(0).integers(0, 2**63, 6, np.uint64)
    taken = permuted(np.arange(20_000), 10**9, keys)
    assert len(set(taken.tolist())) == 20_000
    assert abs(taken.mean() / 5e8 - 1) < 0.02
    assert abs(np.corrcoef(taken[:-1], taken[1:])[0, 1]) < 0.03
    assert np.mean(taken % 2) == pytest.approx(0.5, abs=0.02)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 4), st.booleans())
def test_windows_of_an_order_that_is_not_listed_are_the_same(counts, stride, training):
    def windows():
        order = WindowOrder(np.array(counts), stride=stride, training=training, seed=1, epoch=2)
        return order[np.arange(sum(counts) * 2)]

    with pytest.MonkeyPatch.context() as patch:
        listed = windows()
        patch.setattr(window_order, "_MOST_LISTED", 0)
        assert set(windows()) == set(listed)


def test_order_is_that_of_earlier_runs():
    rng = generator(3, "windows", "training", 1)
    shifts = rng.integers(1, 3, 2)
    order = WindowOrder(np.array([5, 1]), stride=2, training=True, seed=3, epoch=1)
    # The last window of a sequence stands in for one beyond it.
    chosen = np.array([0, 5, min(shifts[0], 4), min(shifts[0] + 2, 4)])
    np.testing.assert_array_equal(order[np.arange(4)], rng.permutation(chosen))
