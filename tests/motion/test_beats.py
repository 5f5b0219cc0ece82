import numpy as np
import pytest

from tests.motion.factories import bouncing, make_clip, pausing
from transflower.motion.beats import clip_beats, hip_dips, kinematic_beats

BEATS = np.arange(0, 20.25, 0.5)


@pytest.mark.parametrize("fps", [20.0, 30.0, 29.97, 60.0, 120.0])
def test_a_body_that_stops_on_the_beats_is_found_there(fps):
    found = kinematic_beats(pausing(BEATS, fps, seconds=20), fps)
    inner = BEATS[1:-1]
    assert len(found) == len(inner)
    np.testing.assert_allclose(found, inner, atol=0.004)


@pytest.mark.parametrize("num_frames", [1, 3, 50])
def test_a_frozen_body_has_no_beats(num_frames):
    assert len(kinematic_beats(np.ones((num_frames, 4, 3)), 30.0)) == 0


def test_beats_of_a_clip_are_those_of_its_joints():
    beats = clip_beats(make_clip(200))
    assert len(beats) > 1
    assert (np.diff(beats) > 0).all()


def test_hips_that_do_not_bounce_have_no_dips():
    assert len(hip_dips(bouncing(depth=0.001))) == 0
