from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip
from tests.render.factories import make_body, stand
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.formats.bvh import read_bvh
from transflower.render.body import build_body
from transflower.render.canvas import RGB, YUV420
from transflower.render.scene import Scene, SceneConfig, contact_sheet, picture

SMALL = SceneConfig(width=320, height=180, waveform=False)


def dancers_seen(image):
    """How many stretches of columns, apart by more than a hundredth, hold the bright colours of dancers."""
    pixels = np.asarray(image).astype(int)
    bright = np.flatnonzero((pixels.max(axis=-1) > 160).any(axis=0))
    return 1 + int((np.diff(bright) > image.width / 100).sum())


def test_a_picture_is_the_same_every_time():
    clip = make_clip(20, skeleton=make_body())
    first, second = (picture(clip, 0.4, SMALL) for _ in range(2))
    assert first.size == (320, 180)
    assert first.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(first), np.asarray(second))


def test_pictures_do_not_depend_on_the_order_in_which_they_are_asked_for():
    scene = Scene([build_body(make_clip(20, skeleton=make_body()))], SMALL)
    forwards = [scene.picture(moment).data for moment in (0.1, 0.5)]
    backwards = [scene.picture(moment).data for moment in (0.5, 0.1)]
    np.testing.assert_array_equal(forwards, backwards[::-1])
    assert (forwards[0] != forwards[1]).any()


def test_a_video_is_seen_as_a_picture_is():
    bodies = [build_body(make_clip(20, skeleton=make_body()))]
    config = replace(SMALL, waveform=True, caption="hello")
    seen, rendered = (
        np.asarray(Scene(bodies, config, coding=coding).picture(0.3).image()).astype(int) for coding in (RGB, YUV420)
    )
    # Hues are half as fine: edges of limbs differ, all else is the same up to rounding.
    assert np.median(np.abs(seen - rendered)) <= 1
    assert (np.abs(seen - rendered) > 6).mean() < 0.02


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_dancer_has_a_place(count):
    clips = [make_clip(30, skeleton=make_body(), seed=seed, degrees=20) for seed in range(count)]
    scene = Scene([build_body(clip) for clip in clips], replace(SMALL, width=960, height=540))
    assert all(dancers_seen(scene.picture(moment).image()) == count for moment in (0.0, 0.5, 0.9))


def test_dancers_may_differ_in_length_and_frame_rate():
    scene = Scene([build_body(stand(num_frames=30, fps=30.0)), build_body(stand(num_frames=240, fps=120.0))], SMALL)
    assert scene.seconds == 2.0
    assert dancers_seen(scene.picture(1.9).image()) == 2


def test_a_contact_sheet_shows_every_moment():
    clip = make_clip(60, skeleton=make_body(), degrees=20)
    sheet = contact_sheet(clip, [0.0, 0.5, 1.0, 1.5], replace(SMALL, width=640))
    assert dancers_seen(sheet) == 4


def test_a_clip_of_one_frame_can_be_seen():
    assert dancers_seen(picture(stand(num_frames=1), 0.0, SMALL)) == 1


def test_the_picture_shows_the_waveform_and_caption_where_asked():
    clip = stand()
    without, line, caption = (
        np.asarray(picture(clip, 0.0, replace(SMALL, waveform=waveform, caption=text)))
        for waveform, text in ((False, ""), (True, ""), (True, "hello"))
    )
    assert (without != line).any()
    assert (line != caption).any()


@pytest.mark.real_data
def test_real_dancers_can_be_seen(real_bvh):
    try:
        clip = read_bvh(real_bvh).clip
    except FormatError:
        pytest.skip("holds no clip")
    assert dancers_seen(picture(clip, clip.seconds / 2, SMALL)) == 1


def test_a_scene_without_dancers_is_refused():
    with pytest.raises(DataError, match="at least one clip"):
        Scene([])
    with pytest.raises(DataError, match="at least one moment"):
        contact_sheet(stand(), [])


@pytest.mark.parametrize("change", [{"width": 321}, {"height": 181}, {"width": 0}, {"height": -2}])
def test_a_size_that_video_cannot_hold_is_refused(change):
    with pytest.raises(OptionsError, match=str(next(iter(change.values())))):
        replace(SMALL, **change)
