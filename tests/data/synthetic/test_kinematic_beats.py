import numpy as np
import pytest

from transflower.data.synthetic.kinematic_beats import beat_error, hip_dips
from transflower.data.synthetic.skeleton import SKELETON
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip

BEATS = 0.5 + 0.5 * np.arange(20)


def bouncing(late=0.0, depth=0.05):
    """Hips that are lowest ``late`` seconds after every beat."""
    times = np.arange(330) / 30
    height = 0.9 - depth * np.cos(2 * np.pi * (times - 0.5 - late) / 0.5)
    place = np.stack([0 * times, height, 0 * times], axis=-1)
    return Clip(SKELETON, 30.0, rot.identity(len(times), SKELETON.num_joints), {0: place})


@pytest.mark.parametrize("late", [0.0, 0.03, -0.07, 0.11])
def test_a_dip_is_found_when_it_happens(late):
    error = beat_error(bouncing(late), BEATS)
    assert error.seconds == pytest.approx(abs(late), abs=0.004)
    assert error.dips_per_beat == pytest.approx(1, abs=0.06)


def test_half_a_beat_late_is_the_worst_and_chance_is_a_quarter_of_a_beat():
    error = beat_error(bouncing(0.25), BEATS)
    assert error.seconds == pytest.approx(0.25, abs=0.01)
    assert error.chance == pytest.approx(0.125, abs=0.005)


def test_a_dancer_that_does_not_bounce_has_no_beat():
    assert len(hip_dips(bouncing(depth=0.001))) == 0
    error = beat_error(bouncing(depth=0.001), BEATS)
    assert np.isnan(error.seconds)
    assert error.dips_per_beat == 0


def test_beats_after_the_end_of_the_dance_are_not_missed():
    whole = bouncing(0.03)
    short = Clip(SKELETON, 30.0, whole.rotations[:165], {0: whole.translations[0][:165]})
    error = beat_error(short, BEATS)
    assert error.dips_per_beat == pytest.approx(1, abs=0.1)
    assert error.seconds == pytest.approx(0.03, abs=0.004)
