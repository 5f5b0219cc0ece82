"""Rounded shapes: the convex hull of a few discs, which is a disc, a capsule, a torso.

Shape letters: B discs of a shape, K corners of its outline.
"""

import numpy as np
from jaxtyping import Float

CORNERS = 32
"""Corners of an outline; at this number a disc of 80 pixels is round to half a pixel."""

_ANGLES = 2 * np.pi * np.arange(CORNERS) / CORNERS
DIRECTIONS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1).astype(np.float32)
"""Unit vectors of the corners' normals, ``[K, 2]``."""


def hulls(centres: Float[np.ndarray, "*S B 2"], radii: Float[np.ndarray, "*S B"]) -> Float[np.ndarray, "*S K 2"]:
    """Outlines of the convex hulls of discs. A disc given twice changes nothing, so short lists can be padded."""
    # The corner in a direction lies on the disc that reaches farthest that way.
    reach = centres @ DIRECTIONS.T + radii[..., None]
    farthest = reach.argmax(axis=-2)[..., None, :]
    centre = np.take_along_axis(centres, np.moveaxis(farthest, -1, -2), axis=-2)
    radius = np.take_along_axis(radii[..., None], np.moveaxis(farthest, -1, -2), axis=-2)
    return centre + radius * DIRECTIONS
