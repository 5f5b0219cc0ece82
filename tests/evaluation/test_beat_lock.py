import math

import numpy as np
import pytest

from tests.motion.factories import bouncing
from transflower.core.errors import DataError
from transflower.evaluation.beat_lock import beat_lock, chance_means, hip_beat_lock

BEATS = np.arange(0.4, 60, 0.5)


def test_moments_at_beats_lock_fully():
    found = beat_lock(BEATS, BEATS)
    assert found.lock == pytest.approx(1)
    assert found.half_beats == pytest.approx(1)
    assert found.near == 1
    assert found.moments == len(BEATS)


def test_moments_that_are_late_by_the_same_part_lock_but_are_not_near():
    found = beat_lock(BEATS + 0.1, BEATS)
    assert found.lock == pytest.approx(1)
    assert found.near == 0
    assert beat_lock(BEATS + 0.07, BEATS).near == 1
    assert beat_lock(BEATS - 0.07, BEATS).near == 1


def test_moments_at_half_beats_lock_to_half_beats_only():
    moments = np.sort(np.concatenate([BEATS, BEATS + 0.25]))
    found = beat_lock(moments, BEATS)
    assert found.lock == pytest.approx(0, abs=0.01)
    assert found.half_beats == pytest.approx(1)
    assert found.near == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("count", [2, 3, 10, 80])
def test_moments_at_random_lock_by_chance(count):
    rng = np.random.default_rng(0)
    found = [beat_lock(rng.uniform(BEATS[0], BEATS[-1], count), BEATS) for _ in range(3000)]
    assert np.mean([one.lock for one in found]) == pytest.approx(found[0].chance, rel=0.04)
    assert np.mean([one.half_beats for one in found]) == pytest.approx(found[0].chance, rel=0.04)
    assert np.mean([one.near for one in found]) == pytest.approx(found[0].near_chance, abs=0.02)


def test_phases_follow_a_tempo_that_changes():
    beats = np.cumsum(np.linspace(0.4, 0.7, 100))
    assert beat_lock((beats[1:] + 3 * beats[:-1]) / 4, beats).lock == pytest.approx(1)


def test_gaps_and_what_lies_outside_are_left_out():
    beats = np.concatenate([np.arange(5, 10, 0.5), np.arange(20, 25, 0.5)])
    found = beat_lock(np.concatenate([[1.0, 3.3], beats, [12.1, 14.9, 30.0]]), beats)
    assert found.moments == len(beats) - 1  # The last beat before the gap has no next one.
    assert found.lock == pytest.approx(1)


@pytest.mark.parametrize(("late", "on_beat", "on_half_beat"), [(0, 1, 1), (0.125, 0, -1), (0.25, -1, 1)])
def test_the_real_part_says_which_phase_it_is(late, on_beat, on_half_beat):
    found = beat_lock(BEATS[:-1] + late, BEATS)
    assert found.on_beat == pytest.approx(on_beat, abs=1e-9)
    assert found.on_half_beat == pytest.approx(on_half_beat, abs=1e-9)


@pytest.mark.parametrize("count", [3, 30])
def test_chance_means_are_those_of_random_moments(count):
    means = chance_means(count, np.random.default_rng(0), 4000)
    assert np.abs(means).mean() == pytest.approx(beat_lock(BEATS[:count], BEATS).chance, rel=0.03)
    assert means.real.mean() == pytest.approx(0, abs=0.02)
    assert np.isnan(chance_means(0, np.random.default_rng(0), 2)).all()


def test_without_moments_there_is_nothing_to_say():
    found = beat_lock(np.zeros(0), BEATS)
    assert found.moments == 0
    assert all(math.isnan(value) for value in (found.lock, found.half_beats, found.on_beat, found.chance, found.near))


def test_one_beat_is_too_few():
    with pytest.raises(DataError, match="two are needed"):
        beat_lock(BEATS, BEATS[:1])


def test_hips_that_dip_at_the_beats_lock():
    beats = 0.5 + 0.5 * np.arange(20)
    assert hip_beat_lock(bouncing(0.0), beats).lock > 0.99
    assert hip_beat_lock(bouncing(0.0), beats).near == 1
    assert hip_beat_lock(bouncing(0.25), beats).near == 0
