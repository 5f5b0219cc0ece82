import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.frechet import frechet_distance, movements
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.frechet import (
    MovementDistance,
    PoseDistance,
    UncentredMovementDistance,
    UncentredPoseDistance,
)

METRICS = [PoseDistance(), MovementDistance(), UncentredPoseDistance(), UncentredMovementDistance()]


def recordings(mean=0.0, *, count=6, frames=60, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    return {f"song{index}": [random.normal(mean, scale, (frames, 3))] for index in range(count)}


def pooled(given, of=lambda rows: rows):
    return np.concatenate([of(rows) for some in given.values() for rows in some])


@pytest.mark.parametrize("metric", METRICS)
def test_it_is_the_distance_of_all_frames(metric):
    real, fake = recordings(), recordings(0.7, seed=1)
    found = estimate(metric, make_system(fake), make_setting(real), draws=20)
    of = movements if isinstance(metric, MovementDistance) else lambda rows: rows
    expected = frechet_distance(pooled(real, of), pooled(fake, of), centred=metric.centred)
    distance, frames = (found[key] for key in metric.numbers)
    assert distance.value == pytest.approx(expected)
    assert distance.low < distance.value < distance.high
    assert frames.value == len(pooled(fake, of))
    assert np.isnan(frames.low)


def test_a_copy_is_at_no_distance_and_a_shift_at_its_square():
    real = recordings()
    setting = make_setting(real)
    for metric in METRICS[:2]:
        assert estimate(metric, make_system(real), setting, draws=2)[next(iter(metric.numbers))].value < 1e-9
    shifted = {one: [some[0] + [2.0, 0, 0]] for one, some in real.items()}
    assert estimate(METRICS[0], make_system(shifted), setting, draws=2)["fpd"].value == pytest.approx(4)
    assert estimate(METRICS[1], make_system(shifted), setting, draws=2)["fmd"].value == pytest.approx(12)


def test_columns_count_in_deviations_of_training_and_constant_ones_do_not():
    real = recordings()
    setting = make_setting(real, moments=(np.zeros(3), np.array([2.0, 1.0, 0.0])))
    shifted = {one: [some[0] + [2.0, 0, 50.0]] for one, some in real.items()}
    assert estimate(METRICS[0], make_system(shifted), setting, draws=2)["fpd"].value == pytest.approx(1)


def test_one_half_of_the_data_is_compared_with_the_other():
    real = recordings()
    half, other = ({one: real[one] for one in list(real)[start::2]} for start in (0, 1))
    setting = make_setting(real)
    system = make_system(half, reference=make_setting(other).reference)
    expected = frechet_distance(pooled(other), pooled(half))
    assert estimate(METRICS[0], system, setting, draws=2)["fpd"].value == pytest.approx(expected)
    assert estimate(METRICS[0], make_system(real), setting, draws=2)["fpd"].value < 1e-9


def test_the_interval_holds_the_distance_of_ever_more_recordings():
    real = recordings(count=40, frames=100)
    held = 0
    for seed in range(1, 21):
        # Recordings differ in their means; the true distribution has variance 1 in all.
        random = np.random.default_rng(seed)
        middles = random.normal([1.0, 0, 0], 0.6, (12, 3))
        fake = {f"song{k}": [random.normal(middle, 0.8, (100, 3))] for k, middle in enumerate(middles)}
        found = estimate(METRICS[0], make_system(fake), make_setting(real), draws=200)["fpd"]
        held += found.low <= 1.0 + 0.1 <= found.high
    assert held >= 16


@pytest.mark.parametrize(
    ("real", "fake", "words"),
    [
        (recordings(), recordings(count=1, frames=3), "3 frames of its samples are too few for a covariance of 3 col"),
        (recordings(count=1, frames=2), recordings(), "2 frames of the data are too few"),
        (recordings(), {}, "there are no samples"),
        (recordings(), {"song0": [np.full((50, 3), np.nan)]}, "its samples hold values that are not finite"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_says_why(real, fake, words):
    with pytest.raises(NotMeasurable, match=words):
        estimate(PoseDistance(), make_system(fake), make_setting(real))
