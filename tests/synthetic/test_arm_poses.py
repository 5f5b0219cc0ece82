import numpy as np
import pytest

from transflower.motion import rotations as rot
from transflower.synthetic.arm_poses import ARM_POSES, arm_controls, upper_arm_rotation


@pytest.mark.parametrize("name", sorted(ARM_POSES))
def test_channels_of_a_pose_point_both_bones_where_it_says(name):
    pose, controls = ARM_POSES[name], arm_controls(name)
    upper = upper_arm_rotation(controls[:3])
    elbow = rot.from_expmap(np.array([0.0, -np.radians(controls[3]), 0.0]))
    along = np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(rot.rotate(upper, along), pose.upper / np.linalg.norm(pose.upper), atol=1e-6)
    forearm = rot.rotate(rot.multiply(upper, elbow), along)
    np.testing.assert_allclose(forearm, pose.fore / np.linalg.norm(pose.fore), atol=1e-6)


@pytest.mark.parametrize("name", sorted(ARM_POSES))
def test_poses_stay_where_rotation_vectors_can_be_blended(name):
    assert np.linalg.norm(arm_controls(name)[:3]) < 130
