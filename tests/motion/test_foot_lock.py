from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import lock_feet
from transflower.motion.kinematics import forward
from transflower.synthetic.recording import make_recording


@pytest.fixture(scope="module")
def dance() -> Clip:
    return make_recording(0, 0, seconds=12).clip


def creeping(clip: Clip) -> Clip:
    """The dancer is pushed to and fro by some centimetres all the time."""
    root = clip.translations[0].copy()
    root[:, 0] += 0.03 * np.sin(4 * np.arange(clip.num_frames) / clip.fps)
    return replace(clip, translations={**clip.translations, 0: root})


def test_creeping_feet_are_held(dance):
    before, after = (clip_foot_metrics(clip).skate for clip in (creeping(dance), lock_feet(creeping(dance))))
    assert before > 0.06
    assert after < 0.4 * before


def test_feet_that_hold_the_floor_hardly_change(dance):
    moved = np.linalg.norm(forward(lock_feet(dance))[0] - forward(dance)[0], axis=-1)
    assert moved.mean() < 0.002


def test_nothing_but_the_legs_moves(dance):
    before, after = (forward(clip)[0] for clip in (creeping(dance), lock_feet(creeping(dance))))
    names = dance.skeleton.names
    legs = [joint for joint, name in enumerate(names) if "Leg" in name or "Foot" in name or "Toe" in name]
    others = [joint for joint in range(len(names)) if joint not in legs]
    np.testing.assert_array_equal(after[:, others], before[:, others])
    assert np.abs(after[:, legs] - before[:, legs]).max() < 0.13


def test_no_foot_jumps(dance):
    before, after = (np.diff(forward(clip)[0], axis=0) for clip in (creeping(dance), lock_feet(creeping(dance))))
    assert np.abs(after).max() < np.abs(before).max() + 0.02


@pytest.mark.parametrize("num_frames", (1, 2, 5))
def test_short_clips_and_bodies_without_legs_come_back(num_frames):
    for skeleton in (make_skeleton(), make_skeleton(num_joints=4)):
        clip = make_clip(num_frames, skeleton=skeleton)
        np.testing.assert_array_equal(lock_feet(clip).rotations, clip.rotations)
