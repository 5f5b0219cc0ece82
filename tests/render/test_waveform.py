import numpy as np
import pytest

from transflower.render.canvas import RGB, Canvas
from transflower.render.waveform import Waveform

SIZE = (640, 360)


def drawn(seconds, **arguments):
    canvas = Canvas(SIZE, RGB)
    Waveform(SIZE, **{"seconds": 10.0, "caption": "", "sound": None, **arguments}).draw(canvas, seconds)
    return np.asarray(canvas.image()).astype(int)


def bright_columns(pixels, threshold):
    return np.nonzero((pixels[..., 0] > threshold).any(axis=0))[0]


@pytest.mark.parametrize("sound", [None, np.ones(500, np.float32)], ids=["no sound", "sound"])
def test_the_line_fills_as_time_goes_by(sound):
    filled = [len(bright_columns(drawn(seconds, sound=sound), 150)) for seconds in (0.0, 5.0, 10.0)]
    assert filled[0] == 0
    assert filled[1] == pytest.approx(filled[2] / 2, rel=0.02)
    assert filled[2] > SIZE[0] / 3


def test_loud_moments_are_tall():
    sound = np.concatenate([np.full(1000, 0.1), np.full(1000, 1.0)]).astype(np.float32)
    heights = (drawn(10.0, sound=np.stack([sound, sound], axis=1))[..., 0] > 100).sum(axis=0)
    assert heights[SIZE[0] // 2 :].max() > 3 * heights[: SIZE[0] // 2 - 4].max()


def test_silence_is_a_thin_line():
    assert (drawn(10.0, sound=np.zeros(100, np.float32))[..., 0] > 100).sum(axis=0).max() <= 3


def test_a_caption_stands_above_the_line():
    plain, written = drawn(0.0), drawn(0.0, caption="A Dance: \u00e9\u00df")
    rows, _ = np.nonzero((plain != written).any(axis=-1))
    line = np.nonzero(plain.any(axis=(1, 2)))[0]
    assert 0 < rows.max() < line.min()


def test_a_caption_that_is_too_long_ends_with_the_picture():
    written = drawn(0.0, caption="A long dance " * 40) - drawn(0.0)
    assert written[:, -SIZE[0] // 10 :].any()
