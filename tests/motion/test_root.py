import json
from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward
from transflower.motion.root import (
    RootChain,
    find_motion_root,
    fold_root,
    is_still,
    moving_joints,
    root_chain,
    root_in_world,
    settle_bones,
)

ABOVE = make_skeleton(above=("Root", "Mid"))


def still_above(clip):
    """``clip`` with a constant, tilted ``Mid`` and a still ``Root``."""
    rotations, translations = np.array(clip.rotations), dict(clip.translations)
    rotations[:, 0] = rot.identity()
    rotations[:, 1] = rot.from_expmap(np.array([-0.5, 0.2, 0.0]))
    translations[0] = np.tile([0.1, 0.0, 0.3], (clip.num_frames, 1))
    return replace(clip, rotations=rotations, translations=translations)


@pytest.mark.parametrize(("skeleton", "expected"), [(make_skeleton(), 0), (ABOVE, 2), (make_skeleton(num_joints=4), 0)])
def test_the_motion_root_is_the_topmost_joint_with_several_children(skeleton, expected):
    assert find_motion_root(skeleton) == expected


@pytest.mark.parametrize("prepare", [lambda clip: clip, still_above], ids=["moving", "still"])
def test_folding_keeps_the_world_and_stills_what_is_above(prepare):
    clip = prepare(make_clip(skeleton=ABOVE, moving=("Mid", "Hips")))
    folded = fold_root(clip)
    for before, after in zip(forward(clip), forward(folded), strict=True):
        np.testing.assert_allclose(np.abs(after[:, 2:]), np.abs(before[:, 2:]), atol=1e-12)
    assert all(is_still(folded, joint) for joint in (0, 1))


def test_still_joints_above_keep_their_transform():
    clip = still_above(make_clip(skeleton=ABOVE, moving=("Hips",)))
    folded = fold_root(clip)
    assert rot.angle_between(folded.rotations, clip.rotations).max() < 1e-12
    np.testing.assert_allclose(folded.translations[2], clip.translations[2], atol=1e-12)


def test_the_world_pose_of_the_motion_root_is_forward_kinematics():
    clip = make_clip(skeleton=ABOVE, moving=("Mid",))
    positions, rotations = forward(clip)
    root_positions, root_rotations = root_in_world(clip)
    np.testing.assert_allclose(root_positions, positions[:, 2], atol=1e-12)
    np.testing.assert_allclose(root_rotations, rotations[:, 2], atol=1e-12)


def test_a_chain_read_from_json_puts_the_root_back():
    clip = still_above(make_clip(skeleton=ABOVE))
    chain = RootChain.from_dict(json.loads(json.dumps(root_chain(clip).to_dict())))
    restored = chain.apply(clip, *root_in_world(clip))
    np.testing.assert_allclose(forward(restored)[0], forward(clip)[0], atol=1e-12)


def test_a_root_without_joints_above_needs_no_folding():
    clip = make_clip()
    assert fold_root(clip) is clip
    chain = RootChain.from_dict(root_chain(clip).to_dict())
    np.testing.assert_allclose(chain.to_local(*root_in_world(clip))[0], clip.translations[0])


def test_joints_that_move_are_told_from_bones_with_a_constant_track():
    clip = make_clip(moving=("LeftHand",))
    arm, hand = clip.skeleton.index("RightArm"), clip.skeleton.index("LeftHand")
    track = np.tile([-0.25, 0.2, 0.0], (clip.num_frames, 1))
    clip = replace(clip, translations={**clip.translations, arm: track})
    assert moving_joints(clip) == [hand]
    settled = settle_bones(clip)
    assert set(settled.translations) == {0, hand}
    np.testing.assert_allclose(settled.skeleton.offsets[arm], [-0.25, 0.2, 0.0])
    np.testing.assert_allclose(forward(settled)[0], forward(clip)[0], atol=1e-12)
