from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.motion.anatomy import points, read_anatomy, side_of
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, rest_positions, tip_positions
from transflower.motion.skeleton import Skeleton


def rest_heights(skeleton):
    joints = rest_positions(skeleton)
    tips = [joints[joint] + offset for joint, offset in skeleton.end_sites.items()]
    return np.array([*joints, *tips])[:, 1]


def test_a_humanoid_has_two_arms_two_legs_and_a_head():
    skeleton = make_skeleton()
    anatomy = read_anatomy(skeleton, rest_heights(skeleton))
    names = skeleton.names
    assert names[anatomy.pelvis] == "Hips"
    assert names[anatomy.head] == "Head"
    assert [names[point] for point in anatomy.trunk] == ["Hips", "Spine", "Head"]
    assert [(limb.side, names[limb.ball]) for limb in anatomy.arms] == [("left", "LeftArm"), ("right", "RightArm")]
    assert [(limb.side, names[limb.ball]) for limb in anatomy.legs] == [("left", "LeftUpLeg"), ("right", "RightUpLeg")]


def test_a_helper_above_the_hips_is_not_the_pelvis():
    skeleton = make_skeleton(above=("root", "scene"))
    anatomy = read_anatomy(skeleton, rest_heights(skeleton))
    assert skeleton.names[anatomy.pelvis] == "Hips"
    assert len(anatomy.legs) == len(anatomy.arms) == 2


def test_parts_are_found_without_telling_names():
    skeleton = make_skeleton()
    nameless = replace(skeleton, names=tuple(f"bone{joint}" for joint in range(skeleton.num_joints)))
    told, untold = (read_anatomy(each, rest_heights(each)) for each in (skeleton, nameless))
    assert untold == told


def test_collar_shoulder_elbow_and_wrist_are_told_apart_by_length():
    names = ("Hips", "LeftUpLeg", "LeftLeg", "LeftFoot", "Chest", "Head", "Collar", "Arm", "ForeArm", "Hand", "Finger")
    parents = (-1, 0, 1, 2, 0, 4, 4, 6, 7, 8, 9)
    x, y = np.eye(3)[:2]
    offsets = np.array([0 * x, 0.1 * x, -0.4 * y, -0.4 * y, 0.4 * y, 0.3 * y, *(n * x for n in (0.1, 0.1, 0.3, 0.25))])
    skeleton = Skeleton(names, parents, np.array([*offsets, 0.08 * x]), {10: (0.03, 0.0, 0.0), 3: (0.0, 0.0, 0.2)})
    (arm,) = read_anatomy(skeleton, rest_heights(skeleton)).arms
    assert [names[point] for point in (arm.path[0], arm.ball, arm.hinge, arm.end)] == [
        "Collar",
        "Arm",
        "ForeArm",
        "Hand",
    ]
    assert [names[point] for point in arm.extremity[:2]] == ["Hand", "Finger"]


@pytest.mark.parametrize("num_joints", [1, 2, 5])
def test_a_bare_chain_has_no_limbs(num_joints):
    skeleton = make_skeleton(num_joints=num_joints)
    anatomy = read_anatomy(skeleton, rest_heights(skeleton))
    assert anatomy.arms == anatomy.legs == ()
    assert anatomy.head is None


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("LeftArm", "left"),
        ("rightarm", "right"),
        ("Arm_L", "left"),
        ("arm.r", "right"),
        ("L_Elbow", "left"),
        ("LHipJoint", "left"),
        ("RThumb", "right"),
        ("mixamorig:RightHand", "right"),
        ("Bip01 L Calf", "left"),
        ("Spine", "middle"),
        ("LowerBack", "middle"),
        ("Root", "middle"),
        ("collar", "middle"),
    ],
)
def test_sides_are_read_from_names(name, side):
    assert side_of(name) == side


def test_points_are_joints_and_then_end_sites():
    clip = make_clip(5)
    np.testing.assert_allclose(points(clip), np.concatenate([forward(clip)[0], tip_positions(clip)], axis=1))


def test_points_of_a_skeleton_without_end_sites_are_its_joints():
    clip = make_clip(3)
    bare = Clip(replace(clip.skeleton, end_sites={}), clip.fps, clip.rotations, clip.translations)
    np.testing.assert_allclose(points(bare), forward(bare)[0])
