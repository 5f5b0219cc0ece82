from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.core.errors import FormatError
from transflower.data.statistics import combine, measure

FILE = Path("a.m.npy")


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5), chunk=st.integers(1, 50), seed=st.integers(0, 2**16))
def test_parts_combine_to_the_statistics_of_all_rows(sizes, chunk, seed):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(3, 2, (size, 3)).astype(np.float32) for size in sizes]
    found = combine(
        measure((part[i : i + chunk] for i in range(0, len(part), chunk)), "continuous", FILE) for part in parts
    )
    rows = np.concatenate(parts).astype(np.float64)
    np.testing.assert_allclose(found.mean, rows.mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.std, rows.std(0), rtol=1e-10, atol=1e-12)


def test_far_from_zero_nothing_is_lost():
    rows = 1e6 + np.arange(16).reshape(8, 2)
    found = combine([measure([rows], "continuous", FILE)] * 3)
    np.testing.assert_allclose(found.std, rows.std(0), rtol=1e-12)


def test_column_that_does_not_vary_has_exactly_no_spread():
    rows = np.full((1001, 2), [0.1, 12345.678], np.float32)
    assert (combine([measure([rows], "continuous", FILE)] * 7).std == 0).all()


@pytest.mark.parametrize("bad", (np.nan, np.inf, -np.inf, 1e39))
def test_first_value_that_is_not_finite_is_named(bad):
    rows = np.zeros((20, 3))
    rows[6, 1] = rows[9, 2] = bad
    with pytest.raises(FormatError, match=r"a\.m\.npy, frame 6: column 1 is .*, not a finite number; 1 more"):
        measure(np.split(rows, 5), "continuous", FILE)


def test_classes_are_counted():
    assert measure([np.array([[0, 3], [2, 1]], np.uint8)], "categorical", FILE).num_classes == 4


@pytest.mark.parametrize("bad", (-1, 0.5, np.nan, np.inf))
def test_value_that_is_no_class_is_named(bad):
    with pytest.raises(FormatError, match=r"a\.m\.npy, frame 2: column 0 is .*, not a class index"):
        measure([np.array([[0], [1], [bad]])], "categorical", FILE)
