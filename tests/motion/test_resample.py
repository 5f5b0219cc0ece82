import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError, OptionsError
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.resample import resample


def turning_clip(num_frames, fps):
    """One joint that turns at 1 radian and moves at 2 metres per second."""
    seconds = np.arange(num_frames) / fps
    walk = seconds[:, None] * [2.0, 0.0, 0.0]
    return Clip(make_skeleton(num_joints=1), fps, rot.from_yaw(seconds)[:, None], {0: walk})


@given(num_frames=st.integers(1, 200), fps=st.floats(5, 250), target=st.floats(5, 250))
def test_frame_k_shows_the_moment_k_over_fps_at_any_ratio(num_frames, fps, target):
    out = resample(turning_clip(num_frames, fps), target)
    seconds = np.arange(out.num_frames) / target
    np.testing.assert_allclose(out.translations[0][:, 0], 2 * seconds, atol=1e-8)
    assert rot.angle_between(out.rotations[:, 0], rot.from_yaw(seconds)).max() < 1e-8
    assert out.fps == target


@pytest.mark.parametrize(
    ("num_frames", "fps", "target", "expected"),
    [(1, 30, 20, 1), (121, 120, 30, 31), (120, 120, 30, 30), (61, 60, 25, 26), (31, 30, 120, 121), (101, 100, 30, 31)],
)
def test_the_last_whole_frame_that_the_clip_reaches_is_the_last(num_frames, fps, target, expected):
    assert resample(make_clip(num_frames, fps=float(fps)), float(target)).num_frames == expected


def test_a_whole_ratio_picks_frames_unchanged():
    clip = make_clip(41, fps=120.0, moving=("LeftHand",))
    out = resample(clip, 30.0)
    assert rot.angle_between(out.rotations, clip.rotations[::4]).max() < 1e-12
    for joint, track in clip.translations.items():
        np.testing.assert_allclose(out.translations[joint], track[::4], atol=1e-12)


def test_the_same_rate_is_the_same_clip():
    clip = make_clip()
    assert resample(clip, clip.fps) is clip


@pytest.mark.parametrize("fps", [0.0, -30.0, float("nan"), float("inf")])
def test_a_rate_that_is_not_positive_is_refused(fps):
    with pytest.raises(DataError, match="frame rate"):
        resample(make_clip(), fps)


def test_more_frames_than_fit_in_memory_are_refused_before_they_are_made():
    clip = make_clip(2, fps=1 / 86400)
    with pytest.raises(OptionsError, match=r"frames of 11 joints, made of 2 of .* a second, would need"):
        resample(clip, 1e6)
