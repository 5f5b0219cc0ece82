from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system, moved, standing, swaying
from tests.motion.factories import make_clip, make_skeleton
from transflower.evaluation.bootstrap import estimate
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.floor_penetration import FloorPenetration
from transflower.evaluation.metrics.foot_contact import PhysicalFootContact
from transflower.evaluation.metrics.foot_skate import FootSkate
from transflower.evaluation.metrics.self_contact import SelfContact
from transflower.evaluation.metrics.smoothness import Smoothness
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.resample import resample

METRICS = (PhysicalFootContact(), FootSkate(), FloorPenetration(), SelfContact(), Smoothness())


def numbers(clip, *metrics):
    setting = make_setting({"song": [standing(4)]})
    system = make_system({"song": [clip]})
    return {key: one.value for metric in metrics or METRICS for key, one in estimate(metric, system, setting).items()}


def sliding(speed, frames=90, fps=30.0):
    """A standing body that is pulled along the floor."""
    clip = standing(frames, fps=fps)
    return moved(clip, np.arange(frames)[:, None] / fps * [speed, 0, 0])


def test_a_frozen_pose_does_not_skate_tremble_or_sink():
    found = numbers(standing())
    assert found.pop("frozen") == found.pop("contact") == 1
    assert found.keys() == {
        "pfc", "skating_ratio", "slide", "floor_share", "floor_depth", "self_contact_share", "self_contact_depth",
        "jerk", "speed",
    }  # fmt: skip
    assert all(value == pytest.approx(0, abs=1e-9) for value in found.values())


@pytest.mark.parametrize("fps", [20.0, 30.0, 60.0])
@pytest.mark.parametrize(("speed", "skates"), [(0.0, 0), (0.45, 0), (0.6, 0.9), (0.75, 1)])
def test_a_body_pulled_along_skates_above_half_a_metre_a_second(fps, speed, skates):
    found = numbers(sliding(speed, fps=fps), FootSkate(), Smoothness())
    assert found["skating_ratio"] == pytest.approx(skates, abs=0.1)
    assert found["slide"] == pytest.approx(100 * speed)
    assert found["speed"] == pytest.approx(speed)
    assert found["frozen"] == (speed == 0)


def test_feet_that_swing_do_not_skate():
    clip = sliding(1.0)
    high = 0.2 * (np.arange(90) % 10 > 0)  # On the floor in every tenth frame alone.
    assert numbers(moved(clip, high[:, None] * [0, 1, 0]), FootSkate())["skating_ratio"] == 0


@pytest.mark.parametrize("depth", [0.005, 0.03])
def test_depth_below_the_floor_is_measured_where_it_is(depth):
    clip = standing(100)
    lowest = -0.015  # The tips of the feet are so far above the floor.
    path = np.zeros((100, 3))
    path[:25, 1] = lowest - depth
    found = numbers(moved(clip, path), FloorPenetration())
    assert found["floor_share"] == (0.25 if depth > 0.01 else 0)
    assert found["floor_depth"] == pytest.approx(25 * depth)


def test_foot_contact_is_that_of_the_definition():
    """Pushed evenly, all feet sliding: the mean of the squared way a frame, times 10,000."""
    clip = standing(60)
    way = 0.5 * 0.4 * (np.arange(60) / 30) ** 2
    steps = np.diff(way)[1:]
    found = numbers(moved(clip, way[:, None] * [0, 0, 1]), PhysicalFootContact())["pfc"]
    assert found == pytest.approx(10_000 * np.mean(steps**2))


def test_foot_contact_is_good_while_one_foot_stands():
    clip = swaying(90)
    legs = [clip.skeleton.index(name) for name in ("Hips", "LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToeBase")]
    rotations = clip.rotations.copy()
    rotations[:, legs] = [1, 0, 0, 0]
    falling = np.zeros((90, 3))
    falling[:, 1] = -4.9 * (np.arange(90) / 30) ** 2
    assert numbers(moved(standing(90), falling), PhysicalFootContact())["pfc"] == 0  # Falling is no push.
    still = replace(clip, rotations=rotations, translations={0: standing(90).translations[0]})
    assert numbers(still, PhysicalFootContact())["pfc"] < 1e-9 < numbers(clip, PhysicalFootContact())["pfc"]


def test_foot_contact_hardly_depends_on_the_frame_rate():
    clip = swaying(300)
    ours, finer = (numbers(one, PhysicalFootContact())["pfc"] for one in (clip, resample(clip, 60.0)))
    assert finer == pytest.approx(ours, rel=0.1)


def test_a_hand_in_the_chest_is_found_and_hands_apart_are_not():
    bent = {"RightArm": (0, 40, 0), "RightForeArm": (0, 160, 0)}
    found = numbers(standing(turned=bent), SelfContact())
    assert found["self_contact_share"] == 1
    assert 3 < found["self_contact_depth"] < 20
    forward = {"RightArm": (0, 90, 0), "LeftArm": (0, -90, 0)}
    assert numbers(standing(turned=forward), SelfContact())["self_contact_depth"] == 0


def test_legs_that_pass_through_each_other_are_found():
    crossed = {"RightUpLeg": (0, 0, 14), "LeftUpLeg": (0, 0, -14)}
    assert numbers(standing(turned=crossed), SelfContact())["self_contact_share"] == 1
    assert numbers(standing(), SelfContact())["self_contact_share"] == 0


def test_trembling_has_jerk():
    clip = standing(60)
    tremor = np.where(np.arange(60) % 2, 0.001, -0.001)
    found = numbers(moved(clip, tremor[:, None] * [0, 1, 0]), Smoothness())
    assert found["jerk"] == pytest.approx(8 * 0.001 * 30**3)


def test_any_humanoid_can_be_measured():
    found = numbers(make_clip(60, skeleton=common_skeleton(fingers=True)))
    assert np.isnan(found.pop("slide"))  # Its feet never stand.
    assert all(np.isfinite(value) for value in found.values())


@pytest.mark.parametrize("metric", METRICS[:2])
def test_a_body_without_legs_cannot(metric):
    chain = make_clip(60, skeleton=make_skeleton(num_joints=5))
    with pytest.raises(NotMeasurable, match="skeleton"):
        numbers(chain, metric)


def test_what_is_no_motion_has_no_body():
    for metric in METRICS:
        with pytest.raises(NotMeasurable, match="not motion"):
            estimate(metric, make_system({"song": [np.zeros((50, 3))]}), make_setting({"song": [np.zeros((50, 3))]}))
