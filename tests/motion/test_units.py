import logging
from pathlib import Path

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import OptionsError
from transflower.motion.kinematics import forward
from transflower.motion.skeleton import Skeleton
from transflower.motion.units import METRES, guess_unit, longest_chain, parse_unit, scale_clip, scale_skeleton

FILE = Path("clip.bvh")
CHAIN = 0.8 + np.hypot(0.1, 0.05) + 0.3 + np.hypot(0.2, 0.2) + 0.5  # a foot, up to the hips, to a hand


def test_the_longest_chain_leads_from_leaf_to_leaf():
    assert longest_chain(make_skeleton()) == pytest.approx(CHAIN)


def test_joints_above_the_body_are_no_bones():
    skeleton = make_skeleton(above=("Root",))
    offsets = np.array(skeleton.offsets)
    offsets[1] = [50.0, 90.0, -400.0]
    moved = Skeleton(skeleton.names, skeleton.parents, offsets, skeleton.end_sites)
    assert longest_chain(moved) == pytest.approx(CHAIN)


def test_a_chain_that_never_branches_is_measured_whole():
    assert longest_chain(make_skeleton(num_joints=4)) == pytest.approx(0.6)


@pytest.mark.parametrize("unit", METRES)
@pytest.mark.parametrize("size", [0.85, 1.0, 1.2])
def test_a_person_is_recognised_in_every_unit(caplog, unit, size):
    caplog.set_level(logging.INFO)
    skeleton = scale_skeleton(make_skeleton(), size / METRES[unit])
    assert guess_unit(FILE, skeleton) == METRES[unit]
    assert f" ({unit}), which makes" in caplog.text
    assert "read as in (" not in caplog.text
    assert f"{CHAIN * size:.2f} m" in caplog.text


@pytest.mark.parametrize("size", [0.05, 5.0, 1e-3, 1e6])
def test_what_is_no_person_is_read_with_a_warning(caplog, size):
    guess_unit(FILE, scale_skeleton(make_skeleton(), size / METRES["m"]))
    if not any(1 <= CHAIN * size * metres <= 3.2 for metres in METRES.values()):
        assert "--unit" in caplog.text


def test_a_skeleton_of_points_is_read_as_centimetres(caplog):
    assert guess_unit(FILE, Skeleton(("A",), (-1,), np.zeros((1, 3)))) == 0.01
    assert "no bone has a length" in caplog.text


def test_units_are_names_or_numbers():
    assert parse_unit("auto") is None
    assert [parse_unit(unit) for unit in ("m", "cm", "mm", "in", "0.3", 0.3)] == [1, 0.01, 0.001, 0.0254, 0.3, 0.3]


@pytest.mark.parametrize("unit", ["", "km", "0", "-1", "inf", "nan", "1,5"])
def test_other_units_are_refused(unit):
    with pytest.raises(OptionsError, match="is none of auto, m, cm, mm, in"):
        parse_unit(unit)


def test_scaling_a_clip_scales_every_length_and_no_angle():
    clip = make_clip(5, moving=("LeftHand",))
    scaled = scale_clip(clip, 3.0)
    np.testing.assert_allclose(forward(scaled)[0], 3 * forward(clip)[0], atol=1e-12)
    np.testing.assert_allclose(scaled.skeleton.end_sites[2], 3 * np.array(clip.skeleton.end_sites[2]))
