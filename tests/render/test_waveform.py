import numpy as np
import pytest

from transflower.render.canvas import RGB, YUV420, Canvas
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


BEATS = np.arange(0.5, 10, 1.0)


def ticks(pixels, threshold=100):
    """Columns that are bright below the waveform."""
    bottom = np.nonzero(drawn(10.0, sound=np.ones(500, np.float32)).any(axis=(1, 2)))[0].max()
    return bright_columns(pixels[bottom + 1 :], threshold)


def test_beats_have_ticks_below_the_waveform_that_brighten_when_they_are_played():
    sound = np.ones(500, np.float32)
    before, amid = drawn(0.0, sound=sound, beats=BEATS), drawn(4.9, sound=sound, beats=BEATS)
    assert len(ticks(before, 20)) == 2 * len(BEATS)
    assert len(ticks(before, 150)) == 0
    assert len(ticks(amid, 150)) == 2 * 5
    middles = ticks(before, 20).reshape(-1, 2).mean(axis=1)
    left, width = middles[0] - (middles[1] - middles[0]) / 2, 10 * (middles[1] - middles[0])
    np.testing.assert_allclose((middles - left) / width * 10, BEATS, atol=0.05)


def test_a_beat_shines_when_it_passes_and_then_fades():
    sound = np.zeros(500, np.float32)
    shining = [(drawn(moment, sound=sound, beats=BEATS)[..., 2] > 200).sum() for moment in (4.49, 4.51, 4.7)]
    assert shining[0] == shining[2] == 0
    assert shining[1] > 30


def test_very_many_beats_have_no_ticks_and_still_shine():
    many = np.arange(0.0, 10, 0.05)
    pixels = drawn(0.0, sound=np.ones(500, np.float32), beats=many)
    assert 0 < len(ticks(pixels, 20)) <= 6


@pytest.mark.parametrize("size", [(64, 64), (66, 8192), (1280, 720)])
def test_ticks_fit_into_pictures_of_any_size(size):
    for moment in (0.0, 10.0):
        canvas = Canvas(size, YUV420)
        beats = np.array([-1.0, 0.0, 3.0, 10.0, 11.0])
        Waveform(size, seconds=10.0, caption="", sound=None, beats=beats).draw(canvas, moment)
