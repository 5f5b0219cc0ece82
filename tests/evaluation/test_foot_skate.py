from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError
from transflower.evaluation.foot_skate import clip_foot_metrics, foot_metrics
from transflower.motion.clip import Clip

FPS = 30.0
SOLE = np.array([[0.0, 0.08, 0.0], [0.0, 0.02, 0.15]])  # ankle and ball


def foot(*, slide=0.0, rise=0.0, num_frames=60):
    """A foot that slides along X and rises, both at metres per second."""
    time = np.arange(num_frames)[:, None] / FPS
    return SOLE + time[..., None] * np.array([slide, rise, 0.0])


def test_a_foot_that_stands_does_not_skate():
    metrics = foot_metrics([foot()], FPS)
    assert metrics.skate == 0
    assert metrics.contact == 1


@pytest.mark.parametrize("slide", [0.05, 0.3, 0.7])
def test_a_sliding_foot_skates_at_its_speed(slide):
    assert foot_metrics([foot(slide=slide)], FPS).skate == pytest.approx(slide)


def test_feet_are_averaged_over_their_contacts():
    swinging = foot(slide=3.0)
    metrics = foot_metrics([foot(slide=0.2), foot(slide=0.4), swinging], FPS)
    assert metrics.skate == pytest.approx(0.3)
    assert metrics.contact == 1


def test_a_foot_in_the_air_is_not_in_contact():
    metrics = foot_metrics([foot(slide=0.5) + np.array([0, 0.2, 0])], FPS, floor=0.0)
    assert metrics.contact == 0
    assert np.isnan(metrics.skate)


def test_a_foot_that_turns_on_its_ball_does_not_slide():
    angle = 2 * np.pi * np.arange(60) / 60
    turning = np.tile(SOLE[1], (60, 2, 1))
    turning[:, 0] += 0.1 * np.stack([np.sin(angle), np.zeros(60), np.cos(angle)], axis=1)
    assert foot_metrics([turning], FPS).skate == 0


def test_the_floor_is_where_the_foot_is_lowest():
    assert foot_metrics([foot(slide=0.2) + np.array([0, 7.0, 0])], FPS).skate == pytest.approx(0.2)


def test_time_not_frames_counts():
    coarse = foot(slide=0.3)
    fine = np.stack(
        [np.interp(np.arange(0, 59, 0.25), np.arange(60), axis) for axis in coarse.reshape(60, -1).T], axis=1
    )
    assert foot_metrics([fine.reshape(-1, 2, 3)], 4 * FPS).skate == pytest.approx(foot_metrics([coarse], FPS).skate)


def test_a_frozen_clip_does_not_skate():
    clip = make_clip(30)
    frozen = Clip(clip.skeleton, clip.fps, clip.rotations[[0] * 30], {0: clip.translations[0][[0] * 30]})
    assert clip_foot_metrics(frozen).skate == 0
    pushed = replace(frozen, translations={0: frozen.translations[0] + 0.01 * np.arange(30)[:, None] * [1, 0, 0]})
    assert clip_foot_metrics(pushed).skate == pytest.approx(0.3)


@pytest.mark.parametrize("feet", [[], [foot(num_frames=1)]])
def test_nothing_to_measure_is_refused(feet):
    with pytest.raises(DataError, match="at least one foot and two frames"):
        foot_metrics(feet, FPS)


def test_a_skeleton_without_legs_is_refused():
    with pytest.raises(DataError, match="at least one foot"):
        clip_foot_metrics(make_clip(10, skeleton=make_skeleton(num_joints=4)))
