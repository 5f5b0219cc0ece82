"""Steps and turns."""

import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.evaluation.steps import count_turns, landings
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.skeleton import Skeleton

FPS = 30.0


def standing(frames=300):
    skeleton = common_skeleton()
    track = np.tile(skeleton.offsets[0], (frames, 1))
    return Clip(skeleton, FPS, rot.identity(frames, skeleton.num_joints), {0: track})


def test_a_foot_that_is_lifted_lands():
    clip = standing()
    knee, hip = (clip.skeleton.names.index(name) for name in ("LeftLeg", "LeftUpLeg"))
    seconds = np.arange(clip.num_frames) / FPS
    # Up for half of each second, and down again.
    lift = np.maximum(np.sin(2 * np.pi * seconds), 0) * 0.8
    zero = np.zeros_like(lift)
    clip.rotations[:, hip] = rot.from_expmap(np.stack([-lift, zero, zero], axis=1))
    clip.rotations[:, knee] = rot.from_expmap(np.stack([2 * lift, zero, zero], axis=1))
    found = landings(clip)
    assert len(found) == pytest.approx(10, abs=1)
    np.testing.assert_allclose(found % 1, 0.5, atol=0.12)
    assert len(landings(standing())) == 0


@pytest.mark.parametrize(("turns", "seconds", "counted"), [(1, 2.0, 1), (-2, 4.0, 2), (0.5, 1.0, 0), (1, 9.0, 0)])
def test_turns_are_counted(turns, seconds, counted):
    clip = standing()
    angle = 2 * np.pi * turns * np.clip(np.arange(clip.num_frames) / FPS / seconds, 0, 1)
    clip.rotations[:, 0] = rot.from_yaw(angle)
    assert count_turns(clip) == counted


def test_a_body_without_legs_takes_no_steps():
    skeleton = Skeleton(("Hips", "Head"), (-1, 0), np.array([[0, 1.0, 0], [0, 0.5, 0]]))
    with pytest.raises(DataError, match="without legs"):
        landings(Clip(skeleton, FPS, rot.identity(30, 2), {0: np.tile([0, 1.0, 0], (30, 1))}))
