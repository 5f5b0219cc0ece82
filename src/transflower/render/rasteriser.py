"""Rasterisation of thin straight bands into an antialiased mask. Only pixels that a band touches are computed.

Shape letters: Q bands, H rows, W columns.
"""

import numpy as np
from jaxtyping import Float, UInt8


def rasterise(bands: Float[np.ndarray, "Q 2 2 2"], size: tuple[int, int]) -> UInt8[np.ndarray, "H W"]:
    """The share of each pixel that bands cover, in a mask of some width and height; 255 is all of it.

    A band is given by its two long sides, each by both ends (band, side, end, xy). Where bands cross, the larger share
    counts.
    """
    width, height = size
    mask = np.zeros(height * width, np.uint8)
    way = np.abs(np.diff(bands, axis=2)).mean(axis=1)[:, 0]
    is_flat = way[:, 0] > way[:, 1]
    for chosen, sides, lines, length, steps in (
        (~is_flat, bands, height, width, (width, 1)),
        (is_flat, bands[..., ::-1], width, height, (1, width)),
    ):
        line, place, share = _crossings(sides[chosen], lines, length)
        np.maximum.at(mask, line * steps[0] + place * steps[1], share)
    return mask.reshape(height, width)


def _crossings(
    sides: Float[np.ndarray, "Q 2 2 2"], lines: int, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where bands cross lines of pixels: which line, which pixel of it, and how much of that they cover.

    A band is cut along the middle of each line, which it crosses at no less than 45 degrees.
    """
    (start, stop), slope = np.moveaxis(sides.astype(np.float32), 2, 0), _slope(sides).astype(np.float32)
    middles = np.arange(lines, dtype=np.float32) + np.float32(0.5)
    places = start[..., :1] + slope[..., None] * (middles - start[..., 1:])
    low, high = np.minimum(places[:, 0], places[:, 1]), np.maximum(places[:, 0], places[:, 1])
    along = np.sort(np.stack([start, stop])[..., 1].mean(axis=2), axis=0)[..., None]
    is_crossed = (along[0] <= middles) & (middles <= along[1]) & (high > 0) & (low < length)
    line = np.nonzero(is_crossed)[1]
    low, high = np.maximum(low[is_crossed], 0), np.minimum(high[is_crossed], length)
    first = low.astype(np.intp)
    counts = np.ceil(high).astype(np.intp) - first
    pixel = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)
    share = np.minimum(np.repeat(high, counts), pixel + 1) - np.maximum(np.repeat(low, counts), pixel)
    return np.repeat(line, counts), pixel, np.round(255 * share).astype(np.uint8)


def _slope(sides: Float[np.ndarray, "Q 2 2 2"]) -> Float[np.ndarray, "Q 2"]:
    """How far each side moves from line to line."""
    way = np.diff(sides, axis=2)[:, :, 0]
    return np.asarray(way[..., 0] / np.where(way[..., 1] == 0, 1.0, way[..., 1]))
