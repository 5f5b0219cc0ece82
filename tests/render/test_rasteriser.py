import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from transflower.render.rasteriser import rasterise

SIZE = (48, 32)
FINE = 16
coordinates = st.tuples(st.floats(-60, 100), st.floats(-60, 100)).map(np.array)


def band(start, stop, width):
    """A straight band of one width."""
    way = stop - start
    aside = np.array([-way[1], way[0]]) / max(np.linalg.norm(way), 1e-9) * width / 2
    return np.array([[start + aside, stop + aside], [start - aside, stop - aside]])


def mask_of(bands):
    """The shares in a picture, of 255; where bands cross, the larger."""
    mask = np.zeros(SIZE[0] * SIZE[1])
    pixels, shares = rasterise(bands, SIZE)
    np.maximum.at(mask, pixels, shares)
    return np.round(255 * mask).astype(int).reshape(SIZE[1], SIZE[0])


def painted(bands):
    """The same by brute force: polygons many times larger, averaged."""
    mask = Image.new("L", (FINE * SIZE[0], FINE * SIZE[1]))
    for (a, b), (d, c) in bands:
        ImageDraw.Draw(mask).polygon([tuple(FINE * corner - 0.5) for corner in (a, b, c, d)], fill=255)
    return np.asarray(mask.reduce(FINE)).astype(int)


@given(start=coordinates, stop=coordinates, width=st.floats(0.5, 6))
def test_a_band_covers_what_its_polygon_covers(start, stop, width):
    mask = mask_of(band(start, stop, width)[None])
    expected = painted([band(start, stop, width)])
    # Ends are cut along pixels, and edges sampled once in each line of pixels.
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    ends = np.minimum(*(np.hypot(columns - x, rows - y) for x, y in (start, stop)))
    far = ends > width + 2
    assert np.abs(mask - expected)[far].max(initial=0) <= 90
    assert abs((mask - expected)[far].sum()) <= 10 * 255 + 0.05 * expected.sum()


def test_a_band_along_pixels_is_exact():
    mask = mask_of(band(np.array([-5.0, 10.25]), np.array([60.0, 10.25]), 1.0)[None])
    assert (mask[9] == round(0.25 * 255)).all()
    assert (mask[10] == round(0.75 * 255)).all()
    assert np.delete(mask, [9, 10], axis=0).max() == 0


def test_where_bands_cross_both_shares_are_given():
    across = band(np.array([-5.0, 10.5]), np.array([60.0, 10.5]), 1.0)
    down = band(np.array([20.25, -5.0]), np.array([20.25, 40.0]), 1.0)
    mask = mask_of(np.stack([across, down]))
    assert (mask[10] == 255).all()
    assert mask[5, 19] == round(0.25 * 255)


def test_bands_out_of_sight_and_no_bands_touch_nothing():
    away = band(np.array([-50.0, -10.0]), np.array([90.0, -20.0]), 2.0)
    assert not len(rasterise(away[None], SIZE)[0])
    assert not len(rasterise(np.empty((0, 2, 2, 2)), SIZE)[0])
