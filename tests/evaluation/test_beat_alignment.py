import numpy as np
import pytest

from tests.motion.factories import bouncing, pausing
from transflower.core.errors import DataError
from transflower.evaluation.beat_alignment import (
    aist_beats,
    alignment_chance,
    alignment_score,
    bailando_beats,
    beat_metrics,
    hip_beat_metrics,
)
from transflower.motion.beats import kinematic_beats
from transflower.motion.clip import Clip
from transflower.synthetic.skeleton import SKELETON

BEATS = np.arange(0, 20.25, 0.5)
HIP_BEATS = 0.5 + 0.5 * np.arange(20)


def test_on_the_beat_is_best_and_half_a_beat_off_is_worst():
    motion = kinematic_beats(pausing(BEATS, 60.0, seconds=20), 60.0)
    metrics = [beat_metrics(motion, BEATS + shift) for shift in np.arange(0, 0.5, 0.05)]
    errors = [each.error_ms for each in metrics]
    assert np.argmin(errors) == 0
    assert np.argmax(errors) == 5
    assert errors[0] < 5
    assert errors[5] == pytest.approx(250, abs=15)


@pytest.mark.parametrize("find", [aist_beats, bailando_beats])
@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_published_kinematic_beats_are_the_pauses(find, fps):
    found = find(pausing(BEATS, fps, seconds=20), fps)
    np.testing.assert_allclose(found, BEATS[1:-1], atol=0.02)


@pytest.mark.parametrize("find", [aist_beats, bailando_beats])
def test_even_motion_has_no_kinematic_beats(find):
    path = np.arange(300)[:, None, None] / 30 * np.array([0.3, 0, 0.1])
    assert len(find(path, 30.0)) == len(find(np.zeros((1, 2, 3)), 30.0)) == 0


def test_beats_of_aist_are_the_slowest_moment_for_a_sixth_of_a_second():
    """Two pauses a tenth of a second apart, the second deeper: AIST++ sees one, however little it is smoothed."""
    speed = np.ones(121)
    speed[60], speed[66] = 0.2, 0.1
    path = np.concatenate([[0], np.cumsum(speed) / 60])
    found = aist_beats(np.stack([path, 0 * path, 0 * path], axis=-1)[:, None], 60.0)
    np.testing.assert_allclose(found, [66.5 / 60])


def test_scores_are_of_the_published_width():
    assert alignment_score(np.array([1.0]), np.array([0.0, 1.05])) == pytest.approx(np.exp(-0.5))
    assert alignment_score(np.array([1.0, 2.0]), np.array([1.0, 7.0])) == pytest.approx(0.5)
    assert alignment_score(np.zeros(0), BEATS) == alignment_score(BEATS, np.zeros(0)) == 0


@pytest.mark.parametrize("period", [0.4, 0.6])
def test_chance_level_of_scores_is_that_of_random_moments(period):
    beats = np.arange(0, 400, period)
    random = np.random.default_rng(0).uniform(0, 390, 8000)
    expected = 0.05 * np.sqrt(2 * np.pi) / period  # A bell for each beat.
    assert alignment_chance(beats, 0.0, 390.0) == pytest.approx(expected, rel=0.01)
    assert alignment_score(random, beats) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("period", [0.4, 0.5, 1.0])
def test_random_moments_get_the_chance_level(period):
    random = np.sort(np.random.default_rng(0).uniform(0, 400, 4000))
    metrics = beat_metrics(random, np.arange(0, 400, period))
    assert metrics.error_chance_ms == pytest.approx(1000 * period / 4)
    assert metrics.error_ms == pytest.approx(metrics.error_chance_ms, rel=0.03)
    assert metrics.miss_ms == pytest.approx(metrics.miss_chance_ms, rel=0.1)


def test_nervous_motion_misses_few_beats_but_no_fewer_than_chance():
    nervous = np.arange(0, 20, 0.1)
    metrics = beat_metrics(nervous, BEATS + 0.03)
    assert metrics.miss_ms < 50
    assert metrics.miss_ms > metrics.miss_chance_ms * 0.9
    assert metrics.error_ms == pytest.approx(metrics.error_chance_ms, rel=0.1)


def test_only_the_shared_stretch_is_compared():
    metrics = beat_metrics(np.array([-5.0, 1.0, 2.0, 99.0]), np.array([0.0, 1.0, 2.0, 3.0]))
    assert metrics.error_ms == 0
    assert metrics.motion_beats == 2
    assert metrics.music_beats == 4


def test_motion_without_beats_gives_nan_not_a_crash():
    metrics = beat_metrics(np.zeros(0), BEATS)
    assert metrics.motion_beats == metrics.music_beats == 0
    assert np.isnan([metrics.error_ms, metrics.miss_ms, metrics.miss_chance_ms]).all()
    assert metrics.error_chance_ms == pytest.approx(125)


@pytest.mark.parametrize("beats", [[], [1.0]])
def test_music_without_beats_is_refused(beats):
    with pytest.raises(DataError, match=f"{len(beats)} beats"):
        beat_metrics(BEATS, np.array(beats))


@pytest.mark.parametrize("late", [0.0, 0.03, -0.07, 0.11])
def test_a_dip_is_found_when_it_happens(late):
    error = hip_beat_metrics(bouncing(late), HIP_BEATS)
    assert error.seconds == pytest.approx(abs(late), abs=0.004)
    assert error.dips_per_beat == pytest.approx(1, abs=0.06)


def test_half_a_beat_late_is_the_worst_and_chance_is_a_quarter_of_a_beat():
    error = hip_beat_metrics(bouncing(0.25), HIP_BEATS)
    assert error.seconds == pytest.approx(0.25, abs=0.01)
    assert error.chance == pytest.approx(0.125, abs=0.005)


def test_a_dancer_that_does_not_bounce_has_no_beat():
    error = hip_beat_metrics(bouncing(depth=0.001), HIP_BEATS)
    assert np.isnan(error.seconds)
    assert error.dips_per_beat == 0


def test_beats_after_the_end_of_the_dance_are_not_missed():
    whole = bouncing(0.03)
    short = Clip(SKELETON, 30.0, whole.rotations[:165], {0: whole.translations[0][:165]})
    error = hip_beat_metrics(short, HIP_BEATS)
    assert error.dips_per_beat == pytest.approx(1, abs=0.1)
    assert error.seconds == pytest.approx(0.03, abs=0.004)
