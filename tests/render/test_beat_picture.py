from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from transflower.render.beat_picture import BeatPicture, rows_for

BEATS = np.arange(0.5, 20, 0.5)
PICTURE = BeatPicture(
    title="A song",
    seconds=20.0,
    loudness=np.random.default_rng(0).uniform(0, 1, 5000),
    beats=BEATS,
    sure=np.linspace(0, 1, len(BEATS)),
    tempi=np.full(len(BEATS), 120.0),
    dips={"motion": BEATS},
)
NEAR, OFF, APART = (26, 143, 76), (226, 88, 43), (154, 154, 154)


def written(tmp_path, picture):
    picture.write(tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as image:
        return np.asarray(image.convert("RGB")).astype(int)


def count(pixels, colour):
    return int((np.abs(pixels - colour).max(axis=-1) < 12).sum())


@pytest.mark.parametrize(("late", "colour"), [(0.0, NEAR), (0.07, NEAR), (0.1, OFF), (0.25, OFF)])
def test_dips_near_a_beat_are_green_and_others_orange(tmp_path, late, colour):
    pixels = written(tmp_path, replace(PICTURE, dips={"motion": BEATS[:-1] + late}))
    assert count(pixels, colour) > 500
    assert count(pixels, NEAR if colour == OFF else OFF) == 0


def test_dips_without_beats_around_are_neither(tmp_path):
    none = np.zeros(0)
    pixels = written(tmp_path, replace(PICTURE, beats=none, sure=none, tempi=none))
    assert count(pixels, APART) > 500
    assert count(pixels, NEAR) == count(pixels, OFF) == 0


def test_surer_beats_are_darker(tmp_path):
    dark = [written(tmp_path, replace(PICTURE, sure=np.full(len(BEATS), sure))).sum() for sure in (0.1, 0.5, 1.0)]
    assert dark[0] > dark[1] > dark[2]


def test_long_songs_have_more_rows_but_not_without_end(tmp_path):
    heights = [len(written(tmp_path, replace(PICTURE, seconds=seconds))) for seconds in (20.0, 60.0)]
    assert heights[0] < heights[1]
    assert [rows_for(seconds) for seconds in (0.1, 60.0, 61.0, 3600.0)] == [(1, 30.0), (2, 30.0), (3, 30.0), (40, 90.0)]


def test_no_sound_no_dips_and_a_moment_are_drawn_too(tmp_path):
    none = np.zeros(0)
    empty = BeatPicture(title="", seconds=0.1, loudness=None, beats=none, sure=none, tempi=none, dips={})
    assert written(tmp_path, empty).shape[1] > 1000
    written(
        tmp_path, replace(PICTURE, loudness=np.zeros(1), beats=BEATS[:1], sure=np.ones(1), tempi=np.full(1, np.nan))
    )
