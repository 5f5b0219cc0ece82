import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from transflower.render.canvas import RGB, YUV420, Canvas, even

WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (255, 0, 0)
CODINGS = pytest.mark.parametrize("coding", [RGB, YUV420], ids=["RGB", "YUV420"])
bytes_ = st.integers(0, 255)


def plain(colour, coding, size=(8, 6)):
    return Canvas.of(np.tile(np.array(colour, float), (size[1], size[0], 1)), coding)


def pixels(canvas):
    return np.asarray(canvas.image()).astype(int)


@CODINGS
@given(colour=st.tuples(bytes_, bytes_, bytes_))
def test_colours_are_seen_as_they_were_told(coding, colour):
    assert np.abs(pixels(plain(colour, coding)) - colour).max() <= 3


@pytest.mark.parametrize(
    ("colour", "channels"),
    [(BLACK, (16, 128, 128)), (WHITE, (235, 128, 128)), (RED, (63, 102, 240)), ((0, 0, 255), (32, 240, 118))],
)
def test_video_files_hold_the_channels_of_the_standard(colour, channels):
    np.testing.assert_array_equal(np.round(YUV420.encode(np.array(colour, float))), channels)


def test_hue_has_a_quarter_of_the_bytes_of_brightness():
    assert len(Canvas((8, 6), YUV420).data) == 8 * 6 * 3 // 2
    assert len(Canvas((8, 6), RGB).data) == 8 * 6 * 3


@CODINGS
def test_a_new_picture_is_black(coding):
    assert not pixels(Canvas((8, 6), coding)).any()


@CODINGS
def test_a_tint_fills_the_mask_and_nothing_else(coding):
    canvas = plain((40, 80, 120), coding)
    before = canvas.copy()
    mask = np.zeros((4, 6), np.uint8)
    mask[2:, 2:4] = 255
    canvas.tint(RED, mask, (2, 0))
    assert np.abs(pixels(canvas)[2:4, 4:6] - RED).max() <= 3
    untouched = np.ones((6, 8), bool)
    untouched[2:4, 4:6] = False
    np.testing.assert_array_equal(pixels(canvas)[untouched], pixels(before)[untouched])


@given(below=bytes_, above=bytes_, share=bytes_)
def test_a_tint_mixes_by_its_share(below, above, share):
    canvas = plain((below,) * 3, RGB)
    canvas.tint((above,) * 3, np.full((6, 8), share, np.uint8), (0, 0))
    np.testing.assert_allclose(pixels(canvas), below + share / 255 * (above - below), atol=1.0)


@CODINGS
def test_pixels_are_lightened_once_and_keep_their_hue(coding):
    canvas = plain((40, 60, 90), coding)
    canvas.lighten(np.array([9, 10, 10, 9]), np.array([20.0, 50.0, 30.0, 40.0], np.float32))
    lighter = pixels(canvas) - pixels(plain((40, 60, 90), coding))
    np.testing.assert_allclose(lighter[1, 1:3], [[40] * 3, [50] * 3], atol=1)
    lighter[1, 1:3] = 0
    assert not lighter.any()


@CODINGS
def test_a_layer_covers_where_something_is_drawn_with_smooth_edges(coding):
    canvas = plain((60, 60, 60), coding)
    layer = Image.new("CMYK", (8, 8))
    channels = np.round(coding.encode(np.array(WHITE, float))).astype(int).tolist()
    ImageDraw.Draw(layer).rectangle((0, 0, 4, 7), fill=(*channels, 255))  # two pixels and a half
    canvas.lay(layer, (2, 2), scale=2)
    row = pixels(canvas)[3].mean(axis=-1)
    np.testing.assert_allclose(row, [60, 60, 255, 255, (60 + 255) / 2, 60, 60, 60], atol=2)
    np.testing.assert_allclose(pixels(canvas)[:2], 60, atol=1)


def test_copies_are_drawn_upon_alone():
    canvas = plain(BLACK, RGB)
    canvas.copy().tint(WHITE, np.full((2, 2), 255, np.uint8), (0, 0))
    assert not pixels(canvas).any()


def test_a_picture_from_another_process_has_the_type_with_which_pixels_are_lightened_quickly():
    sent = pickle.loads(pickle.dumps(plain(BLACK, RGB)))
    assert sent.copy().data.dtype is np.dtype(np.uint8)


@given(number=st.floats(-1e6, 1e6))
def test_even_numbers_are_near(number):
    assert even(number) % 2 == 0
    assert abs(even(number) - number) <= 1
