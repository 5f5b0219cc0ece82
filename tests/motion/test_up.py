import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import OptionsError
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.up import guess_up, parse_up, rest_up, turn_clip, turn_skeleton

FILE = Path("clip.bvh")


@pytest.mark.parametrize("rest", ["y", "z"])
@pytest.mark.parametrize("skeleton", [make_skeleton(), make_skeleton(above=("Root",))], ids=["plain", "with a root"])
def test_z_up_is_recognised_and_turned_upright(caplog, rest, skeleton):
    caplog.set_level(logging.INFO)
    upright = make_clip(30, skeleton=skeleton, degrees=20)
    lying = turn_clip(upright, rest, back=True)
    assert guess_up(FILE, lying) == "z"
    assert "clip.bvh: read with Z up" in caplog.text
    assert rest_up(lying.skeleton) == rest
    turned = turn_clip(lying, rest)
    np.testing.assert_allclose(forward(turned)[0], forward(upright)[0], atol=1e-12)
    assert rot.angle_between(turned.rotations, upright.rotations).max() < 1e-12
    np.testing.assert_allclose(turned.skeleton.offsets, upright.skeleton.offsets, atol=1e-12)
    x, y, z = np.moveaxis(forward(lying)[0], -1, 0)
    np.testing.assert_allclose(forward(upright)[0], np.stack([x, z, -y], axis=-1), atol=1e-12)


@pytest.mark.parametrize("turn", [[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.7, 0.0, 0.0], [0.0, 0.0, 1.5], [-1.5, 0.0, 0.0]])
def test_y_is_up_for_whoever_stands_leans_or_lies_on_the_back_of_z(turn):
    clip = make_clip(30, degrees=20)
    rotations = np.array(clip.rotations)
    rotations[:, 0] = rot.multiply(rot.from_expmap(np.array(turn)), rot.from_yaw(np.zeros(30)))
    assert guess_up(FILE, replace(clip, rotations=rotations)) == "y"


def test_y_is_up_when_there_is_no_body():
    assert guess_up(FILE, make_clip(3, skeleton=make_skeleton(num_joints=1))) == "y"


def test_a_skeleton_alone_is_turned_as_its_clips_are():
    skeleton = make_skeleton()
    lying = turn_skeleton(skeleton, back=True)
    assert rest_up(lying) == "z"
    np.testing.assert_allclose(rest_positions(turn_skeleton(lying)), rest_positions(skeleton), atol=1e-12)
    assert turn_skeleton(lying).end_sites[2] == pytest.approx(skeleton.end_sites[2])


def test_axes_are_y_z_or_auto():
    assert [parse_up(up) for up in ("auto", "y", "z")] == [None, "y", "z"]
    with pytest.raises(OptionsError, match="'x' is none of auto, y, z"):
        parse_up("x")
