import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import OptionsError
from transflower.motion import rotations as rot
from transflower.motion.axes import (
    AXES,
    find_up,
    guess_up,
    has_body,
    has_four_legs,
    parse_up,
    rest_up,
    turn_clip,
    turn_skeleton,
)
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.skeleton import Skeleton

FILE = Path("clip.bvh")
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Pinky")


def make_hand() -> Skeleton:
    """A palm of which the fingers leave, and a thumb that leaves the wrist."""
    names = ("RightHand", "Palm", "RightThumb1", *(f"Right{finger}1" for finger in FINGERS[1:]), "RightThumb2")
    offsets = np.tile([0.0, 0.05, 0.0], (8, 1))
    return Skeleton(names, (-1, 0, 0, 1, 1, 1, 1, 2), offsets)


@pytest.mark.parametrize("up", AXES)
@pytest.mark.parametrize("is_rest_turned", [True, False], ids=["rest pose turned", "root turned"])
@pytest.mark.parametrize("skeleton", [make_skeleton(), make_skeleton(above=("Root",))], ids=["plain", "with a root"])
def test_any_axis_up_is_recognised_and_turned_upright(caplog, up, is_rest_turned, skeleton):
    caplog.set_level(logging.INFO)
    rest = up if is_rest_turned else "y"
    upright = make_clip(30, skeleton=skeleton, degrees=20)
    lying = turn_clip(upright, up, rest=rest, back=True)
    assert guess_up(FILE, lying) == up
    assert f"clip.bvh: read with {up.upper()} up" in caplog.text
    assert rest_up(lying.skeleton) == rest
    turned = turn_clip(lying, up, rest=rest)
    np.testing.assert_allclose(forward(turned)[0], forward(upright)[0], atol=1e-12)
    assert rot.angle_between(turned.rotations, upright.rotations).max() < 1e-12
    np.testing.assert_allclose(turned.skeleton.offsets, upright.skeleton.offsets, atol=1e-12)
    height = forward(lying)[0][..., "xyz".index(up[-1])] * (-1 if up[0] == "-" else 1)
    np.testing.assert_allclose(forward(upright)[0][..., 1], height, atol=1e-12)


@pytest.mark.parametrize("up", AXES)
def test_a_body_before_a_camera_has_no_floor_and_is_recognised(up):
    clip = make_clip(30, degrees=20)
    clip = replace(clip, translations={0: clip.translations[0] * 0.01 + [0.2, -0.3, 3.0]})
    assert find_up(turn_clip(clip, up, rest="y", back=True)) == up


@pytest.mark.parametrize("turn", [[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.7, 0.0, 0.0]])
def test_y_is_up_for_whoever_stands_or_leans(turn):
    clip = make_clip(30, degrees=20)
    rotations = np.array(clip.rotations)
    rotations[:, 0] = rot.multiply(rot.from_expmap(np.array(turn)), rot.from_yaw(np.zeros(30)))
    assert guess_up(FILE, replace(clip, rotations=rotations)) == "y"


@pytest.mark.parametrize(
    ("turn", "height"),
    [([0.0, 0.0, 1.5], 0.2), ([0.0, 0.0, -1.5], 0.2), ([-1.5, 0.0, 0.0], 0.2), ([1.5, 0, 0], 0.2), ([3.1, 0, 0], 0.95)],
)
def test_y_is_up_for_whoever_lies_on_the_floor_or_stands_on_the_hands(turn, height):
    clip = make_clip(30, degrees=5)
    rotations = np.array(clip.rotations)
    rotations[:, 0] = rot.from_expmap(np.array(turn))
    lying = replace(clip, rotations=rotations)
    lowest = forward(lying)[0][..., 1].min()
    lying = replace(lying, translations={0: lying.translations[0] - [0, lowest - 0.05, 0] + [3.0, 0, 3.0]})
    assert find_up(lying) == "y"


def test_the_first_second_decides_where_the_rest_of_the_dance_has_no_upright_axis():
    clip = turn_clip(make_clip(300, degrees=5), "z", rest="y", back=True)
    rotations = np.array(clip.rotations)
    spin = rot.from_expmap(np.stack([np.linspace(0, 40, 270), np.zeros(270), np.zeros(270)], axis=1))
    rotations[30:, 0] = rot.multiply(spin, rotations[30:, 0])
    assert find_up(replace(clip, rotations=rotations)) == "z"


def test_without_a_body_y_is_up_and_a_warning_says_so(caplog):
    for skeleton in (make_skeleton(num_joints=1), make_skeleton(num_joints=5), make_hand()):
        caplog.clear()
        assert not has_body(skeleton)
        assert guess_up(FILE, make_clip(3, skeleton=skeleton)) == "y"
        assert "clip.bvh: no body" in caplog.text
        assert "--up" in caplog.text


@pytest.mark.parametrize("up", AXES)
def test_a_skeleton_alone_is_turned_as_its_clips_are(up):
    skeleton = make_skeleton()
    lying = turn_skeleton(skeleton, up, back=True)
    assert rest_up(lying) == up
    np.testing.assert_allclose(rest_positions(turn_skeleton(lying, up)), rest_positions(skeleton), atol=1e-12)
    assert turn_skeleton(lying, up).end_sites[2] == pytest.approx(skeleton.end_sites[2])


def test_axes_are_read_as_people_write_them():
    assert [parse_up(up) for up in ("auto", *AXES)] == [None, *AXES]
    assert [parse_up(up) for up in ("Z", "+z", "z-up", "Z up", "z_UP")] == ["z"] * 5
    assert [parse_up(up) for up in ("-Y", "y-down", "Y down", "-y up", " -y ")] == ["-y"] * 5
    assert parse_up("-x down") == "x"


@pytest.mark.parametrize("up", ["", "w", "--y", "yz", "up", "down", "y-left", "Y" * 5000])
def test_what_is_no_axis_is_refused(up):
    with pytest.raises(OptionsError, match="is none of auto, y, -y, z, -z, x, -x"):
        parse_up(up)


def make_dog() -> Skeleton:
    """A trunk that lies, with two legs at each end of it, and a head."""
    names = ["Hips", "Spine", "Chest", "Neck", "Head"]
    offsets = [[0, 0.6, 0], [0, 0.02, 0.3], [0, 0, 0.3], [0, 0.1, 0.1], [0, 0.1, 0.1]]
    parents = [-1, 0, 1, 2, 3]
    for end, trunk in (("Fore", 2), ("Hind", 0)):
        for side, across in (("Left", 0.1), ("Right", -0.1)):
            parents += [trunk, len(names), len(names) + 1]
            names += [f"{side}{end}{part}" for part in ("Leg", "Knee", "Foot")]
            offsets += [[across, -0.05, 0], [0, -0.25, 0], [0, -0.28, 0.02]]
    return Skeleton(tuple(names), tuple(parents), np.array(offsets, float))


@pytest.mark.parametrize("up", AXES)
def test_a_body_on_four_legs_stands_along_them(up):
    dog = make_dog()
    assert has_four_legs(dog)
    assert not has_four_legs(make_skeleton())
    lying = turn_clip(make_clip(30, skeleton=dog, degrees=10), up, rest=up, back=True)
    assert find_up(lying) == up
    assert rest_up(lying.skeleton) == up
