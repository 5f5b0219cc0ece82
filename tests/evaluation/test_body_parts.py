"""Which columns belong to which part of a body."""

import pytest

from tests.motion.factories import make_clip
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from transflower.evaluation.body_parts import column_groups, merge_sides
from transflower.features.motion.describe import describe_motion


@pytest.mark.parametrize("convention", ["mixamo", "cmu"])
def test_every_column_belongs_to_one_part_and_fingers_to_their_arm(convention):
    sidecar = describe_motion(
        make_clip(4, skeleton=Body(names=CONVENTIONS[convention], fingers=True).build()[0]), "expmap"
    )
    groups = column_groups(sidecar)
    assert list(groups) == ["root", "torso", "head", "left arm", "right arm", "left leg", "right leg"]
    assert sorted(column for columns in groups.values() for column in columns) == list(range(len(sidecar.names)))
    names = {part: {sidecar.names[column] for column in columns} for part, columns in groups.items()}
    bones = CONVENTIONS[convention]
    assert f"{bones['leftHand']}_alpha" in names["left arm"]
    assert f"{bones['rightToes']}_alpha" in names["right leg"]
    assert f"{bones['hips']}_dXposition" in names["root"]
    assert f"{bones['neck']}_alpha" in names["head"]


def test_what_is_no_body_is_root_and_body():
    assert list(column_groups(describe_motion(make_clip(30), "expmap"))) == ["root", "body"]


def test_sides_are_merged_without_losing_a_column():
    merged = merge_sides({"root": [0], "left arm": [1, 4], "right arm": [2], "left leg": [3]})
    assert merged == {"root": [0], "arms": [1, 2, 4], "legs": [3]}
