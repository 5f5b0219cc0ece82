"""Dancers in pictures of their own."""

import numpy as np
import pytest

from tests.render.factories import stand
from transflower.core.options import decode
from transflower.render.body import build_body
from transflower.render.grid import Grid
from transflower.render.options import VideoConfig
from transflower.render.scene import Scene

BODIES = [build_body(stand(yaw=yaw)) for yaw in (0.0, 1.5, 3.0)]


@pytest.mark.parametrize(("columns", "cells"), [(1, [(0, 0), (0, 64), (0, 128)]), (2, [(0, 0), (64, 0), (0, 96)])])
def test_each_dancer_has_the_picture_that_it_has_alone(columns, cells):
    config = VideoConfig(width=64 * columns, height=192, columns=columns, waveform=False)
    size = (64, 64 if columns == 1 else 96)
    whole = np.asarray(Grid(BODIES, ["", "", ""], config).picture(0.0).image())
    # The first dancer has the colours that it also has alone.
    alone = Scene(BODIES[:1], VideoConfig(width=size[0], height=size[1], waveform=False)).picture(0.0).image()
    np.testing.assert_array_equal(whole[: size[1], : size[0]], np.asarray(alone))
    for left, top in cells:
        assert whole[top : top + size[1], left : left + size[0]].std() > 5


def test_names_stand_in_the_pictures_and_long_ones_end_with_them():
    config = VideoConfig(width=256, height=128, columns=2, waveform=False)
    plain, named = (
        np.asarray(Grid(BODIES[:2], names, config).picture(0.0).image()).astype(int)
        for names in (["", ""], ["recorded " * 20, ""])
    )
    changed = np.abs(plain - named).max(axis=2)
    assert changed[:20, :128].max() > 50
    assert changed[:, 128:].max() == 0


def test_the_waveform_lies_over_all():
    config = VideoConfig(width=256, height=128, columns=2)
    without = VideoConfig(width=256, height=128, columns=2, waveform=False)
    sound = np.ones(100, np.float32)
    one, other = (
        np.asarray(Grid(BODIES[:2], ["", ""], options, sound=sound).picture(0.05).image()).astype(int)
        for options in (config, without)
    )
    rows = np.abs(one - other).max(axis=(1, 2)).nonzero()[0]
    assert rows.min() > 100


def test_columns_are_an_option_of_videos():
    assert decode(VideoConfig, {"columns": 2}).columns == 2
    assert VideoConfig().columns is None
