import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.evaluation.motion_statistics import compare, measure


def dance(count=8, num_frames=600, dim=5, *, seed=0):
    """Smooth random sequences of unit variance."""
    white = np.random.default_rng(seed).normal(size=(count, num_frames + 20, dim))
    smooth = np.stack([white[:, shift : shift + num_frames] for shift in range(20)]).mean(axis=0)
    return smooth * np.sqrt(20)


def trembling(frames):
    """Half as wide, but so that their spread does not show it."""
    sign = np.where(np.arange(frames.shape[1]) % 2, 1.0, -1.0)[:, None]
    return 0.5 * frames + np.sqrt(0.75) * sign


def test_the_data_itself_is_one_everywhere():
    metrics = compare(dance(seed=1), measure(list(dance(40, seed=0)))).metrics()
    for name in ("std", "std_first", "std_last", "std_slow", "jitter"):
        assert metrics[name] == pytest.approx(1, abs=0.1), name
    assert metrics["drift"] < 0.2
    assert metrics["frozen"] == metrics["frozen_data"] == 0


def test_units_of_the_columns_do_not_matter():
    scale, shift = np.array([1, 100, 0.01, 3, 7.0]), np.arange(5)
    plain = compare(dance(seed=1), measure(dance()))
    scaled = compare(scale * dance(seed=1) + shift, measure(scale * dance() + shift))
    assert scaled.metrics() == pytest.approx(plain.metrics())


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("std", lambda x: 2 * x, 2.0),
        ("drift", lambda x: x + 3, 3.0),
        ("std_last", lambda x: x * np.where(np.arange(600) < 400, 1.0, 4.0)[:, None], 4.0),
        ("std_first", lambda x: x * np.where(np.arange(600) < 200, 0.5, 1.0)[:, None], 0.5),
        ("std", trembling, 1.0),
        ("std_slow", trembling, 0.5),
        ("jitter", lambda x: x[:, ::-1][:, ::3][:, :200], np.sqrt(3)),
        ("frozen", lambda x: np.where(np.arange(600)[:, None] < 300, x, x[:, 300:301]), 0.5),
    ],
)
def test_each_fault_shows_in_its_figure(name, change, expected):
    samples = dance(40, seed=1)
    assert getattr(compare(change(samples), measure(dance(40))), name) == pytest.approx(expected, rel=0.06)


def test_columns_are_told_apart():
    samples = dance(seed=1)
    samples[..., 2] = 0.2 * samples[..., 2] + 5
    result = compare(samples, measure(dance()))
    assert result.column_std[2] == pytest.approx(0.2, rel=0.1)
    assert result.column_drift[2] == pytest.approx(5, abs=0.2)
    np.testing.assert_allclose(np.delete(result.column_std, 2), 1, atol=0.15)


def test_constant_columns_are_left_out():
    samples, data = dance(seed=1), dance()
    samples[..., 0], data[..., 0] = 9.0, 7.0
    result = compare(samples, measure(data))
    assert np.isnan(result.column_std[0])
    assert np.isnan(result.column_drift[0])
    assert all(np.isfinite(value) for value in result.metrics().values())


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_samples_that_blow_up_are_reported_not_hidden(bad):
    samples = dance(seed=1)
    samples[0, 500, 1] = bad
    result = compare(samples, measure(dance()))
    assert not result.std < 1e6
    assert not result.std_last < 1e6
    assert result.std_first == pytest.approx(1, abs=0.1)


def test_sequences_of_any_lengths_are_measured():
    sequences = [dance(1, length)[0] for length in (1, 50, 300)]
    np.testing.assert_allclose(measure(sequences).mean, np.concatenate(sequences).mean(0))


@pytest.mark.parametrize("sequences", [[], [np.zeros((1, 3))]])
def test_data_without_movement_are_refused(sequences):
    with pytest.raises(DataError, match="at least two frames"):
        measure(sequences)


@pytest.mark.parametrize("shape", [(2, 100, 4), (2, 2, 5), (0, 100, 5)])
def test_samples_that_do_not_fit_are_refused(shape):
    with pytest.raises(DataError, match=str(shape[1])):
        compare(np.zeros(shape), measure(dance()))
