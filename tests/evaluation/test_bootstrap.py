from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system
from transflower.evaluation.bootstrap import bootstrap, estimate, interval_of_means, mean_interval
from transflower.evaluation.metric import MeanMetric, Metric, NotMeasurable, Number


class Level(MeanMetric):
    """The mean of the first column."""

    source = "none"
    group = "body"
    numbers = {"level": Number(title="level"), "other": Number(title="other")}  # noqa: RUF012

    def measure(self, sample, setting):
        if sample.rows[0, 0] < 0:
            raise NotMeasurable("it is negative")
        return {"level": float(sample.rows[:, 0].mean()), "other": float("nan")}


class Largest(Metric):
    """The largest of all recordings, which draws of some of them make smaller."""

    source = "none"
    group = "body"
    numbers = {"largest": Number(title="largest")}  # noqa: RUF012

    def parts(self, system, setting):
        return {one: samples[0].rows[0, 0] for one, samples in system.samples.items()}

    def combine(self, parts, system, setting):
        return {"largest": float(max(parts))}


class Distance(Largest):
    """One that says that draws change it."""

    is_biased_by_draws = True


def levels(values) -> dict[str, list[np.ndarray]]:
    return {f"r{index}": [np.full((3, 1), float(value))] for index, value in enumerate(values)}


def test_the_interval_of_a_mean_holds_it_as_often_as_it_says():
    rng, inside = np.random.default_rng(0), 0
    for _ in range(200):
        system = make_system(levels(5 + rng.standard_normal(20)))
        found = estimate(Level(), system, make_setting(system), draws=300)["level"]
        inside += found.low <= 5 <= found.high
    assert 0.88 <= inside / 200 <= 0.99


def test_the_mean_of_recordings_is_of_the_means_of_their_samples():
    system = make_system({"a": [np.full((2, 1), 1.0), np.full((2, 1), 3.0)], "b": [np.full((2, 1), 10.0)]})
    found = estimate(Level(), system, make_setting(system))
    assert found["level"].value == 6
    assert found["level"].recordings == 2
    assert np.isnan(found["other"].value)


def test_recordings_that_have_not_what_it_takes_are_left_out_and_none_is_a_reason():
    system = make_system(levels([-1, 2, 4]))
    assert estimate(Level(), system, make_setting(system))["level"].value == 3
    system = make_system(levels([-1, -2]))
    with pytest.raises(NotMeasurable, match="it is negative"):
        estimate(Level(), system, make_setting(system))


@pytest.mark.parametrize(("count", "has_interval"), [(1, False), (3, False), (4, True)])
def test_fewer_than_four_recordings_have_no_interval(count, has_interval):
    system = make_system(levels(range(count)))
    found = estimate(Level(), system, make_setting(system), draws=50)["level"]
    assert found.value == (count - 1) / 2
    assert np.isfinite(found.low) == has_interval
    low, high = interval_of_means(np.arange(count, dtype=float)[:, None], 0)
    assert np.isfinite(low).all() == np.isfinite(high).all() == has_interval


def test_a_number_that_draws_make_smaller_lies_in_its_interval():
    system = make_system(levels([1, 2, 3, 4, 5]))
    found = estimate(Largest(), system, make_setting(system))["largest"]
    assert found.low < found.value == 5 == found.high


def test_the_same_seed_gives_the_same_interval():
    system = make_system(levels(range(9)))
    first, second, other = (
        estimate(Level(), system, make_setting(system, seed=seed), draws=50)["level"] for seed in (1, 1, 2)
    )
    assert (first.low, first.high) == (second.low, second.high) != (other.low, other.high)
    assert make_setting(system).data == Path("data")


def test_the_interval_of_plain_values_holds_their_mean_and_leaves_out_what_is_unknown():
    found = mean_interval([0.0, 1.0, float("nan"), 1.0, 0.0])
    assert (found.value, found.recordings) == (0.5, 4)
    assert found.low < 0.5 < found.high
    assert np.isnan(mean_interval([1.0]).low)


def test_a_difference_is_paired_over_recordings():
    hard = 100 * np.arange(8.0)
    one, other = make_system(levels(hard)), make_system(levels(hard + np.tile([1, 2], 4)))
    setting = make_setting(one)
    first, second = (bootstrap(Level(), system, setting, draws=500) for system in (one, other))
    alone, paired = first.estimates()["level"], second.minus(first)["level"]
    assert alone.high - alone.low > 100
    assert paired.value == 1.5
    assert 1 <= paired.low < 1.3 < 1.7 < paired.high <= 2
    assert paired.recordings == 8
    back = first.minus(second)["level"]
    assert (back.value, back.low, back.high) == pytest.approx((-1.5, -paired.high, -paired.low))


def test_the_interval_of_a_constant_difference_is_that_difference():
    one, other = make_system(levels([1, 5, 9, 2])), make_system(levels([3, 7, 11, 4]))
    setting = make_setting(one)
    found = bootstrap(Level(), other, setting).minus(bootstrap(Level(), one, setting))["level"]
    assert (found.value, found.low, found.high) == (2, 2, 2)


def test_systems_of_other_recordings_and_numbers_that_draws_bias_have_no_paired_difference():
    one, other = make_system(levels([1, 2, 3, 4])), make_system(levels([1, 2, 3, 4, 5]))
    setting = make_setting(one)
    assert bootstrap(Level(), other, setting).minus(bootstrap(Level(), one, setting)) == {}
    found = bootstrap(Distance(), one, setting)
    assert found.minus(found) == {}
    three = bootstrap(Level(), make_system(levels([1, 2, 3])), setting)
    assert np.isnan(three.minus(three)["level"].low)
