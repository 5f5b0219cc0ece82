import numpy as np
import pytest

from tests.motion.factories import make_clip
from transflower.core.errors import DataError
from transflower.evaluation.beats import beat_figures, clip_beats, kinematic_beats


def pausing(beats, fps, *, seconds):
    """Two joints that swing and stand still for a moment on every beat."""
    time = np.arange(round(seconds * fps)) / fps
    phase = np.interp(time, beats, np.arange(len(beats)))
    way = np.cos(np.pi * phase)  # reverses, hence stops, on the beats
    positions = np.zeros((len(time), 2, 3))
    positions[:, 0, 1], positions[:, 1, 0] = way, 0.5 * way
    return positions


BEATS = np.arange(0, 20.25, 0.5)


@pytest.mark.parametrize("fps", [20.0, 30.0, 29.97, 60.0, 120.0])
def test_a_body_that_stops_on_the_beats_is_found_there(fps):
    found = kinematic_beats(pausing(BEATS, fps, seconds=20), fps)
    inner = BEATS[1:-1]
    assert len(found) == len(inner)
    np.testing.assert_allclose(found, inner, atol=0.004)


def test_on_the_beat_is_best_and_half_a_beat_off_is_worst():
    motion = kinematic_beats(pausing(BEATS, 60.0, seconds=20), 60.0)
    figures = [beat_figures(motion, BEATS + shift) for shift in np.arange(0, 0.5, 0.05)]
    errors, scores = [each.error_ms for each in figures], [each.alignment for each in figures]
    assert np.argmin(errors) == np.argmax(scores) == 0
    assert np.argmax(errors) == np.argmin(scores) == 5
    assert errors[0] < 5
    assert scores[0] > 0.99
    assert errors[5] == pytest.approx(250, abs=15)


@pytest.mark.parametrize("period", [0.4, 0.5, 1.0])
def test_random_moments_get_the_chance_level(period):
    random = np.sort(np.random.default_rng(0).uniform(0, 400, 4000))
    figures = beat_figures(random, np.arange(0, 400, period))
    assert figures.error_chance_ms == pytest.approx(1000 * period / 4)
    assert figures.error_ms == pytest.approx(figures.error_chance_ms, rel=0.03)
    assert figures.alignment == pytest.approx(figures.alignment_chance, rel=0.03)
    assert figures.miss_ms == pytest.approx(figures.miss_chance_ms, rel=0.1)


def test_nervous_motion_misses_few_beats_but_no_fewer_than_chance():
    nervous = np.arange(0, 20, 0.1)
    figures = beat_figures(nervous, BEATS + 0.03)
    assert figures.miss_ms < 50
    assert figures.miss_ms > figures.miss_chance_ms * 0.9
    assert figures.error_ms == pytest.approx(figures.error_chance_ms, rel=0.1)


def test_only_the_shared_stretch_is_compared():
    figures = beat_figures(np.array([-5.0, 1.0, 2.0, 99.0]), np.array([0.0, 1.0, 2.0, 3.0]))
    assert figures.error_ms == 0
    assert figures.motion_beats == 2
    assert figures.music_beats == 4


def test_motion_without_beats_gives_nan_not_a_crash():
    figures = beat_figures(np.zeros(0), BEATS)
    assert figures.motion_beats == figures.music_beats == 0
    assert np.isnan([figures.error_ms, figures.miss_ms, figures.miss_chance_ms, figures.alignment]).all()
    assert figures.error_chance_ms == pytest.approx(125)


@pytest.mark.parametrize("num_frames", [1, 3, 50])
def test_a_frozen_body_has_no_beats(num_frames):
    assert len(kinematic_beats(np.ones((num_frames, 4, 3)), 30.0)) == 0


def test_beats_of_a_clip_are_those_of_its_joints():
    beats = clip_beats(make_clip(200))
    assert len(beats) > 1
    assert (np.diff(beats) > 0).all()


@pytest.mark.parametrize("beats", [[], [1.0]])
def test_music_without_beats_is_refused(beats):
    with pytest.raises(DataError, match=f"{len(beats)} beats"):
        beat_figures(BEATS, np.array(beats))
