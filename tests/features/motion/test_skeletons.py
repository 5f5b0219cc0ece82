from dataclasses import replace

import pytest

from tests.motion.factories import make_skeleton
from transflower.features.motion.skeletons import first_difference, longest_bone_difference


def test_equal_hierarchies_do_not_differ_whatever_the_bones():
    skeleton = make_skeleton()
    assert first_difference(skeleton, replace(skeleton, offsets=skeleton.offsets * 2)) is None


def test_the_first_joint_that_differs_is_named():
    skeleton = make_skeleton()
    renamed = replace(skeleton, names=("Hips", "Torso", *skeleton.names[2:]))
    assert (
        first_difference(renamed, skeleton)
        == "joint 1 is 'Torso' (child of 'Hips') instead of 'Spine' (child of 'Hips')"
    )
    moved = replace(skeleton, parents=(-1, 0, 0, *skeleton.parents[3:]))
    assert (
        first_difference(moved, skeleton) == "joint 2 is 'Head' (child of 'Hips') instead of 'Head' (child of 'Spine')"
    )


def test_a_joint_too_few_is_absent():
    assert first_difference(make_skeleton(num_joints=2), make_skeleton(num_joints=3)) == (
        "joint 2 is absent instead of 'Joint2' (child of 'Joint1')"
    )


def test_the_bone_that_differs_most_is_named():
    skeleton = make_skeleton()
    offsets = skeleton.offsets.copy()
    offsets[0], offsets[4] = (9, 9, 9), (0.6, 0, 0)
    gap, joint = longest_bone_difference(replace(skeleton, offsets=offsets), skeleton)
    assert gap == pytest.approx(0.1)
    assert joint == "LeftHand"
