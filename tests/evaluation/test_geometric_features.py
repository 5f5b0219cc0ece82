import numpy as np
import pytest

from tests.evaluation.metrics.factories import standing
from transflower.evaluation.geometric_features import NAMES, geometric_features
from transflower.evaluation.landmarks import find_landmarks

HUMERUS = 0.28
STANDING = {"left arm off trunk", "right arm off trunk", "hands apart", "left foot beyond other leg"}
"""What holds in a T-pose."""


def held(points, lowest=0.0):
    shares = geometric_features(points, np.full(len(points["hips"]), lowest))
    return {name: share for name, share in zip(NAMES, shares.tolist(), strict=True) if share}


def posed(**turned):
    return held(find_landmarks(standing(3, turned=turned)))


def test_there_are_the_relations_of_the_published_code():
    assert len(NAMES) == len(set(NAMES)) == 32


def test_a_body_in_a_t_pose():
    assert posed() == dict.fromkeys(STANDING, 1.0)


@pytest.mark.parametrize(
    ("turned", "more", "less"),
    [
        ({"RightForeArm": (0, 90, 0)}, {"right elbow bent"}, set()),
        ({"LeftArm": (0, 0, 80)}, {"left hand above neck"}, set()),
        ({"LeftArm": (0, 0, -85), "RightArm": (0, 0, 85)}, set(), {"hands apart", "left arm off trunk"}),
        ({"RightUpLeg": (-90, 0, 0)}, {"right thigh off trunk", "right foot high"}, set()),
        ({"LeftLeg": (100, 0, 0)}, {"left knee bent", "left foot high"}, set()),
        ({"Hips": (90, 0, 0)}, {"trunk lies"}, set()),
        ({"LeftUpLeg": (0, 0, 30)}, {"feet apart"}, set()),
    ],
)
def test_poses_have_the_relations_that_one_sees(turned, more, less):
    found = set(posed(**turned))
    assert more <= found
    assert not less & found


def test_lifted_legs_are_told_from_the_lowest_joint():
    points = find_landmarks(standing(3))
    assert "right foot high" not in held(points, lowest=0.08 - 1.1 * HUMERUS)
    assert "right foot high" in held(points, lowest=0.08 - 1.3 * HUMERUS)


def test_hands_leave_the_plane_of_the_trunk_to_opposite_sides_as_published():
    for hand, direction in (("right", -1), ("left", 1)):
        points = dict(find_landmarks(standing(31)))
        points[f"{hand}Hand"] = points[f"{hand}Hand"] + np.arange(31)[:, None] / 60 * [0, 0, direction * HUMERUS]
        assert f"{hand} hand moves out of the plane of the trunk" in held(points)


@pytest.mark.parametrize(("speed", "is_fast"), [(1.2, False), (1.3, True)])
def test_speeds_count_twice_as_in_the_published_code(speed, is_fast):
    """A hand counts as fast above 2.5 humeri a second; half of that is enough."""
    points = dict(find_landmarks(standing(31)))
    points["rightHand"] = points["rightHand"] + np.arange(31)[:, None] / 60 * [0, speed * HUMERUS, 0]
    assert ("right hand fast" in held(points)) == is_fast


def test_shares_are_of_frames():
    points = dict(find_landmarks(standing(21)))
    moved = np.array(points["hips"])
    moved[6:, 2] += 0.1  # One step of 20 is fast.
    points["hips"] = moved
    assert held(points)["hips fast"] == pytest.approx(1 / 20)


def test_it_is_the_same_for_a_body_twice_as_large():
    small = find_landmarks(standing(3, turned={"LeftUpLeg": (0, 0, 30), "RightForeArm": (0, 90, 0)}))
    assert held({name: 2 * where for name, where in small.items()}) == held(small)
