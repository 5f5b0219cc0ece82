import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.motion.factories import make_clip, make_skeleton
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, relative, rest_positions, tip_positions


def test_a_bent_chain_ends_where_geometry_says():
    skeleton = make_skeleton(num_joints=3)
    quarter_about_z = rot.from_euler(np.array([np.pi / 2]), "Z")
    rotations = np.stack([quarter_about_z, quarter_about_z, rot.identity()])[None]
    clip = Clip(skeleton, 30.0, rotations, {0: np.array([[1.0, 2.0, 3.0]])})
    positions, world = forward(clip)
    np.testing.assert_allclose(positions[0], [[1, 2, 3], [0.8, 2, 3], [0.8, 1.8, 3]], atol=1e-12)
    np.testing.assert_allclose(tip_positions(clip)[0], [[0.8, 1.7, 3]], atol=1e-12)
    np.testing.assert_allclose(rot.rotate(world[0, 2], np.array([1.0, 0, 0])), [-1, 0, 0], atol=1e-12)


@given(seed=st.integers(0, 100))
def test_bones_keep_their_length(seed):
    clip = make_clip(5, seed=seed)
    positions, _ = forward(clip)
    bones = positions[:, 1:] - positions[:, list(clip.skeleton.parents[1:])]
    expected = np.tile(np.linalg.norm(clip.skeleton.offsets[1:], axis=-1), (5, 1))
    np.testing.assert_allclose(np.linalg.norm(bones, axis=-1), expected, atol=1e-12)


def test_a_translation_track_takes_the_place_of_the_offset():
    clip = make_clip(5, moving=("LeftHand",))
    positions, rotations = forward(clip)
    hand, arm = clip.skeleton.index("LeftHand"), clip.skeleton.index("LeftArm")
    expected = positions[:, arm] + rot.rotate(rotations[:, arm], clip.translations[hand])
    np.testing.assert_allclose(positions[:, hand], expected)


def test_relative_undoes_forward():
    clip = make_clip(5)
    positions, rotations = forward(clip)
    local_positions, local = relative(positions[:, 3], rotations[:, 3], positions[:, 4], rotations[:, 4])
    np.testing.assert_allclose(local_positions, np.tile(clip.skeleton.offsets[4], (5, 1)), atol=1e-12)
    assert rot.angle_between(local, clip.rotations[:, 4]).max() < 1e-12


def test_the_rest_pose_adds_up_offsets():
    skeleton = make_skeleton()
    np.testing.assert_allclose(rest_positions(skeleton)[skeleton.index("LeftHand")], [0.7, 0.5, 0.0])
