"""What the page is told about a dancer."""

from dataclasses import replace

import numpy as np

from tests.viewer.factories import HIPS_HEIGHT, make_dance
from transflower.motion.clip import Clip
from transflower.viewer import ShownDance
from transflower.viewer.description import describe


def jumping():
    """Both feet in the air from 0.5 to 1 second of two."""
    clip = make_dance(seconds=2).clip
    root = np.tile([0.0, HIPS_HEIGHT, 0.0], (60, 1))
    root[15:30, 1] += 0.3
    return ShownDance(name="Ada", clip=Clip(clip.skeleton, clip.fps, clip.rotations, {0: root}))


def test_joints_are_named_as_in_the_file():
    told = describe(make_dance())
    assert told["hips"] == "Hips"
    assert set(told["ends"]) == {"LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head"}


def test_contacts_are_stretches_of_seconds_without_the_jump():
    for foot in describe(jumping())["contacts"]:
        assert foot["joint"] in {"LeftToe", "RightToe"}
        assert foot["spans"] == [[0.0, 0.4667], [1.0, 1.9667]]


def test_the_floor_is_where_the_body_stands():
    low = describe(jumping())["floor"]
    clip = jumping().clip
    higher = replace(clip, translations={0: clip.translations[0] + np.array([0, 2.0, 0])})
    assert describe(ShownDance(name="Ada", clip=higher))["floor"] - low == 2.0
    assert -0.1 < low < 0.05


def test_a_single_frame_has_no_contacts():
    clip = make_dance(seconds=1 / 30).clip
    assert describe(ShownDance(name="Ada", clip=clip))["contacts"] == []


def test_what_is_typical_has_the_gaps_of_the_likelihood():
    dance = make_dance(seconds=0.1, likelihood=True)
    low, high = np.array([np.nan, 1.0, 1.1111]), np.array([np.nan, 2.0, 2.0])
    assert describe(dance)["typical"] is None
    assert describe(replace(dance, typical=(low, high)))["typical"] == [[None, 1.0, 1.111], [None, 2.0, 2.0]]


def test_gaps_of_the_likelihood_stay_gaps():
    dance = make_dance(seconds=0.1)
    told = describe(replace(dance, log_likelihood=np.array([np.nan, 1.0, -np.inf])))
    assert told["logLikelihood"] == [None, 1.0, None]
