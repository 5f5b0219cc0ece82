import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward
from transflower.motion.selection import select_joints


def assert_same_world_poses(selected, clip):
    joints = [clip.skeleton.index(name) for name in selected.skeleton.names]
    positions, rotations = forward(clip)
    selected_positions, selected_rotations = forward(selected)
    np.testing.assert_allclose(selected_positions, positions[:, joints], atol=1e-6)
    assert rot.angle_between(selected_rotations, rotations[:, joints]).max() < 1e-9


@pytest.mark.parametrize(
    "names",
    [
        ("Hips", "Spine", "Head"),
        ("Hips", "Head", "LeftHand", "RightFoot"),
        ("Spine", "LeftHand"),
        ("LeftFoot", "RightFoot"),
        ("LeftFoot",),
    ],
)
def test_kept_joints_keep_their_world_poses(names):
    clip = make_clip(moving=("LeftArm", "Spine"))
    selected = select_joints(clip, names)
    assert set(names) <= set(selected.skeleton.names)
    assert_same_world_poses(selected, clip)


def test_the_lowest_joint_above_a_list_of_limbs_is_kept_too():
    clip = make_clip(skeleton=make_skeleton(above=("Root",)))
    assert select_joints(clip, ("LeftFoot", "Head")).skeleton.names == ("Hips", "Head", "LeftFoot")


def test_order_of_names_does_not_matter():
    clip = make_clip()
    assert select_joints(clip, ("Head", "Spine", "Hips")).skeleton.names == ("Hips", "Spine", "Head")


def test_only_joints_below_a_moving_gap_get_a_track():
    clip = make_clip()
    selected = select_joints(clip, ("Hips", "Head", "LeftUpLeg", "LeftFoot"))
    assert set(selected.translations) == {0, selected.skeleton.index("Head")}


def test_a_joint_that_loses_its_children_gets_an_end_site():
    clip = make_clip()
    selected = select_joints(clip, ("Hips", "Spine", "LeftArm"))
    arm = selected.skeleton.index("LeftArm")
    assert selected.skeleton.end_sites == {arm: (0.5, 0.0, 0.0)}


def test_all_joints_are_the_same_clip():
    clip = make_clip()
    assert select_joints(clip, clip.skeleton.names) is clip


def test_an_unknown_name_is_refused_with_those_that_exist():
    with pytest.raises(DataError, match=r"'Hip'.*Hips, Spine"):
        select_joints(make_clip(), ("Hip",))


def test_no_names_are_refused():
    with pytest.raises(DataError, match="no joint was named"):
        select_joints(make_clip(), ())
