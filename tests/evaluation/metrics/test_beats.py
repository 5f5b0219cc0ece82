from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system, moved, standing
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.beat_alignment import BeatAlignment
from transflower.evaluation.metrics.phase_lock import HipLock, KinematicLock

PERIOD = 0.6
BEATS = np.arange(0, 30, PERIOD)
SHIFTS = (0, 0.1, 0.2, 0.3, 0.4, 0.5)


def dancer(late=0.0, *, seconds=24, beats=BEATS, dip=0.04):
    """Hips that stop, and are lowest, on every beat or later."""
    frames = round(30 * seconds)
    phase = np.interp(np.arange(frames) / 30 - late, beats, np.arange(len(beats)))
    way = np.stack([0.2 * np.cos(np.pi * phase), -dip * np.cos(2 * np.pi * phase), 0 * phase], axis=-1)
    return moved(standing(frames), way)


def numbers(given, metric, *, songs=("song",), **more):
    setting = make_setting({"song": [standing(4)]}, beats=more.pop("music", dict.fromkeys(songs, BEATS)))
    system = make_system({song: [given] for song in songs} if not isinstance(given, dict) else given)
    return estimate(metric, system, setting, draws=20)


def test_stopping_on_the_click_is_best_and_half_a_beat_later_worst():
    found = [numbers(dancer(late, dip=0), BeatAlignment()) for late in SHIFTS]
    for key in ("bas_aist", "bas_bailando"):
        scores = [one[key].value for one in found]
        assert scores[0] > 0.9
        assert np.argmax(scores) == 0
        assert np.argmin(scores) == 3
        assert scores[3] < found[3][f"{key}_chance"].value
    offsets = [one["beat_offset"].value for one in found]
    assert offsets[0] < 10
    assert offsets[3] == pytest.approx(1000 * PERIOD / 2, abs=10)
    assert found[0]["beat_offset_chance"].value == pytest.approx(1000 * PERIOD / 4)


def test_a_nervous_dance_has_a_good_score_of_bailando_by_chance_alone():
    found = numbers(dancer(beats=BEATS / 3, seconds=9), BeatAlignment(), music={"song": BEATS + 0.05})
    assert found["bas_bailando_chance"].value > 1.8 * found["bas_aist_chance"].value


def test_a_dance_without_pauses_has_no_score():
    found = numbers(moved(standing(300), np.arange(300)[:, None] / 30 * [0.2, 0, 0]), BeatAlignment())
    assert found["bas_aist"].value == found["bas_bailando"].value == 0
    assert np.isnan(found["beat_offset"].value)


def test_hips_lock_at_any_phase_and_are_on_the_beat_at_one():
    found = [numbers(dancer(late), HipLock()) for late in SHIFTS]
    assert all(one["hip_lock"].value > 0.95 for one in found)
    expected = [np.cos(2 * np.pi * late / PERIOD) for late in SHIFTS]
    np.testing.assert_allclose([one["hip_on_beat"].value for one in found], expected, atol=0.1)
    on_half = [np.cos(4 * np.pi * late / PERIOD) for late in SHIFTS]
    np.testing.assert_allclose([one["hip_on_half_beat"].value for one in found], on_half, atol=0.15)


def test_dips_at_half_beats_lock_to_half_beats_alone():
    twice = np.arange(0, 30, PERIOD / 2)
    found = numbers(dancer(beats=twice), HipLock())
    assert found["hip_half_lock"].value > 0.95
    assert found["hip_lock"].value < 0.1


def test_another_tempo_locks_no_more_than_chance():
    found = numbers(dancer(beats=np.arange(0, 40, 0.73)), HipLock())
    assert found["hip_lock"].value < found["hip_lock_chance"].value
    assert abs(found["hip_on_beat"].value) < found["hip_on_beat_chance"].value


def test_chance_reaches_less_where_there_are_more_recordings():
    few, many = (numbers(dancer(), HipLock(), songs=range_of(count)) for count in (2, 12))
    assert many["hip_lock_chance"].value < few["hip_lock_chance"].value < 0.35
    assert many["hip_on_beat_chance"].value < few["hip_on_beat_chance"].value


def range_of(count):
    return tuple(f"song{index}" for index in range(count))


def test_the_body_locks_where_it_slows_down():
    on, off = (numbers(dancer(late, dip=0), KinematicLock()) for late in (0, PERIOD / 2))
    assert on["kinematic_on_beat"].value > 0.95
    assert off["kinematic_on_beat"].value < -0.9
    assert off["kinematic_lock"].value > 0.95


@pytest.mark.parametrize("metric", [BeatAlignment(), HipLock(), KinematicLock()])
def test_what_has_no_beats_says_so(metric):
    with pytest.raises(NotMeasurable, match="no beats of its music are heard or given"):
        numbers(dancer(), metric, music={})
    with pytest.raises(NotMeasurable, match="fewer than two beats"):
        numbers(dancer(), metric, music={"song": BEATS[:1]})
    # Recordings whose beats are known are measured all the same.
    found = numbers({"song": [dancer()], "silence": [dancer()]}, metric)
    assert next(iter(found.values())).recordings == 1


def test_hips_that_never_dip_have_no_phase():
    with pytest.raises(NotMeasurable, match="no sample has 8 such moments"):
        numbers(standing(300), HipLock())


def test_clips_are_measured_at_their_own_frame_rate():
    half = dancer(dip=0)
    slow = replace(half, fps=15.0)  # The same frames last twice as long.
    found = numbers(slow, BeatAlignment(), music={"song": 2 * BEATS})
    assert found["bas_aist"].value > 0.9
