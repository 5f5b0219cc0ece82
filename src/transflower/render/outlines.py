"""Rounded shapes: the convex hull of a few discs, which is a disc, a capsule, a torso.

Shape letters: B discs of a shape, K corners of its outline.
"""

import math

import numpy as np
from jaxtyping import Float


def directions(height: int) -> Float[np.ndarray, "K 2"]:
    """Unit vectors towards the corners of outlines, for a picture of so many pixels of height.

    The broadest part of a body that fills the picture is then round to a quarter of a pixel.
    """
    count = 4 * max(2, round(1.15 * math.sqrt(height) / 4))
    angles = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def hulls(
    centres: Float[np.ndarray, "*S B 2"], radii: Float[np.ndarray, "*S B"], towards: Float[np.ndarray, "K 2"]
) -> Float[np.ndarray, "*S K 2"]:
    """Outlines of the convex hulls of discs, with a corner in each of some directions.

    A disc given twice changes nothing, so short lists can be padded.
    """
    # The corner in a direction lies on the disc that reaches farthest that way.
    reach = centres @ towards.T + radii[..., None]
    farthest = reach.argmax(axis=-2)
    first = np.arange(0, radii.size, radii.shape[-1]).reshape(*radii.shape[:-1], 1)
    disc = first + farthest
    return centres.reshape(-1, 2).take(disc, axis=0) + radii.take(disc)[..., None] * towards
