"""Rasterisation of thin straight bands, antialiased. Only pixels that a band touches are computed.

Shape letters: Q bands, N pixels.
"""

import numpy as np
from jaxtyping import Float, Int


def rasterise(
    bands: Float[np.ndarray, "Q 2 2 2"], size: tuple[int, int]
) -> tuple[Int[np.ndarray, " N"], Float[np.ndarray, " N"]]:
    """The pixels that bands touch in a picture of some width and height, and the share of each that they cover.

    A band is given by its two long sides, each by both ends (band, side, end, xy). Pixels are numbered row by row. One
    is there several times where bands cross.
    """
    width, height = size
    way = np.abs(np.diff(bands, axis=2)).mean(axis=1)[:, 0]
    is_flat = way[:, 0] > way[:, 1]
    row, column, share = _crossings(bands[~is_flat], height, width)
    flat_column, flat_row, flat_share = _crossings(bands[is_flat][..., ::-1], width, height)
    pixels = np.concatenate([row * width + column, flat_row * width + flat_column])
    return pixels, np.concatenate([share, flat_share])


def _crossings(
    sides: Float[np.ndarray, "Q 2 2 2"], lines: int, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where bands cross lines of pixels: which line, which pixel of it, and how much of that they cover.

    A band is cut along the middle of each line, which it crosses at no less than 45 degrees.
    """
    start, stop = np.moveaxis(sides, (2, 3), (0, 1)).astype(np.float32)  # place and line, band, side
    way = stop - start
    slope = way[0] / np.where(way[1] == 0, 1, way[1])
    offset = start[0] - slope * (start[1] - np.float32(0.5))
    first, last = _lines_crossed(start, stop, offset, slope, length)
    line, counts = _integers(np.clip(first, 0, lines), np.clip(last + 1, 0, lines))
    places = np.repeat(offset.T, counts, axis=1) + np.repeat(slope.T, counts, axis=1) * line.astype(np.float32)
    low, high = np.maximum(places.min(axis=0), 0), np.minimum(places.max(axis=0), length)
    pixel, counts = _integers(np.floor(low), np.ceil(high))
    edge = pixel.astype(np.float32)
    share = np.minimum(np.repeat(high, counts), edge + 1) - np.maximum(np.repeat(low, counts), edge)
    return np.repeat(line, counts), pixel, share


def _lines_crossed(
    start: np.ndarray, stop: np.ndarray, offset: Float[np.ndarray, "Q 2"], slope: Float[np.ndarray, "Q 2"], length: int
) -> tuple[Float[np.ndarray, " Q"], Float[np.ndarray, " Q"]]:
    """The first and the last line that each band crosses between its ends, and where it is within the picture."""
    slope = np.where(np.abs(slope) < 1e-9, np.float32(1e-9), slope)
    edges = np.concatenate([-offset / slope, (length - offset) / slope], axis=1)
    ends = np.sort([start[1].mean(axis=1), stop[1].mean(axis=1)], axis=0) - 0.5
    first, last = np.maximum(ends[0], edges.min(axis=1)), np.minimum(ends[1], edges.max(axis=1))
    return np.ceil(first), np.floor(last)


def _integers(first: Float[np.ndarray, " N"], stop: Float[np.ndarray, " N"]) -> tuple[np.ndarray, np.ndarray]:
    """All integers from each ``first`` to before its ``stop``, one after the other, and how many each pair has."""
    counts = np.maximum(stop - first, 0).astype(np.intp)
    before = np.cumsum(counts, dtype=np.intp) - counts
    return np.arange(counts.sum(), dtype=np.intp) + np.repeat(first.astype(np.intp) - before, counts), counts
