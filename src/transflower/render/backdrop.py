"""The backdrop: a wall, a lit floor with a grid in perspective, and soft shadows.

Shape letters: B spheres of a part, P parts, K corners, Q lines, H rows, W columns.
"""

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFilter

from transflower.render.camera import Camera
from transflower.render.canvas import Canvas, Coding, Colour, even
from transflower.render.outlines import directions, hulls
from transflower.render.rasteriser import rasterise
from transflower.render.shading import ShadedBody

TOP: Colour = (26, 28, 52)
HORIZON: Colour = (54, 56, 94)
FLOOR: Colour = (30, 32, 58)
POOL: Colour = (104, 100, 150)
SHADOW: Colour = (8, 9, 22)
LINE = 152.0
"""Brightness towards which the floor's lines go."""

GRID_METRES = 1.0
"""Distance of the floor's lines."""
GRID_REACH = 12
"""Lines on either side of the middle of the picture; they run as far."""
LINE_METRES = 0.01
"""Width of the floor's lines."""
NEAREST_METRES = 1.0
"""The floor is drawn from this distance on."""
SHADOW_GRAIN = 4
"""Shadows are drawn this many times smaller: they are blurred anyway."""
SHADOW_SLANT = 0.16
"""Shift of a shadow to the right, for each metre of height."""


class Backdrop:
    """Draws the wall, the floor and shadows; what never changes is painted once."""

    def __init__(self, camera: Camera, size: tuple[int, int], coding: Coding, *, floor: float) -> None:
        """Prepare.

        Args:
            camera: any camera of the path: all have the same tilt.
            size: width and height of the pictures.
            coding: their colour coding.
            floor: height of the floor in metres.
        """
        self._size = size
        self._floor = floor
        self._horizon = _horizon(camera)
        empty, line = _paint(size, self._horizon)
        self._empty, self._line = Canvas.of(empty, coding), line.reshape(-1)

    def draw(self, camera: Camera) -> Canvas:
        """A new picture without bodies."""
        canvas = self._empty.copy()
        pixels, share = rasterise(self._grid(camera), (self._size[0], self._size[1] - self._horizon))
        pixels += self._horizon * self._size[0]
        canvas.lighten(pixels, share * self._line[pixels])
        return canvas

    def cast_shadow(self, canvas: Canvas, shaded: ShadedBody, seconds: float, camera: Camera) -> None:
        """Darken the floor below a body: most where it touches."""
        spheres, radii, parts = shaded.body.at(seconds), shaded.body.radii, shaded.part_spheres
        heights = spheres[:, 1] - self._floor
        ground = (spheres + SHADOW_SLANT * heights[:, None] * camera.axes[0])[:, [0, 2]]
        discs = ground[parts].astype(np.float32), (1.2 * radii + 0.01)[parts].astype(np.float32)
        corners = hulls(*discs, directions(self._size[1] // SHADOW_GRAIN))
        flat = np.full((*corners.shape[:2], 3), self._floor)
        flat[..., [0, 2]] = corners
        pixels, _ = camera.project(flat)
        strength = 200 * np.exp(-np.maximum(heights[parts].min(axis=1), 0) / 0.45)
        mask, corner = _soft_mask(pixels / SHADOW_GRAIN, strength, self._size)
        if mask is not None:
            canvas.tint(SHADOW, np.asarray(mask), corner)

    def _grid(self, camera: Camera) -> Float[np.ndarray, "Q 2 2 2"]:
        """Lines on the floor as thin bands (line, side, end, xy), in pixels below the horizon."""
        way = (self._floor - camera.eye[1]) / camera.axes[2][1]
        middle = (camera.eye + way * camera.axes[2])[[0, 2]]
        steps = np.arange(-GRID_REACH, GRID_REACH + 1) * GRID_METRES
        ends = np.empty((2, len(steps), 2, 2))  # along Z or along X, line, end, (x, z)
        for along, across in ((1, 0), (0, 1)):
            ends[across, :, :, across] = (np.round(middle[across] / GRID_METRES) * GRID_METRES + steps)[:, None]
            ends[across, :, :, along] = middle[along] + GRID_METRES * GRID_REACH * np.array([-1, 1])
        ends = _clip_near(ends.reshape(-1, 2, 2), camera)
        way = np.diff(ends, axis=1)
        side = (
            LINE_METRES / 2 * way[..., ::-1] * (-1, 1) / np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 1e-9)
        )
        corners = np.stack([ends - side, ends + side], axis=1)
        world = np.stack([corners[..., 0], np.full(corners.shape[:3], self._floor), corners[..., 1]], axis=-1)
        return np.asarray(camera.project(world)[0] - (0, self._horizon))


def _horizon(camera: Camera) -> int:
    """Even row of the horizon."""
    tilt = -camera.axes[2][1] / np.linalg.norm(camera.axes[2][[0, 2]])
    return max(0, even(camera.centre[1] - camera.focal * tilt))


def _paint(size: tuple[int, int], horizon: int) -> tuple[Float[np.ndarray, "H W 3"], Float[np.ndarray, "H W"]]:
    """The backdrop without the grid, and by how many levels a line is lighter in each pixel."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wall = np.clip(y / max(horizon, 1), 0, 1)[..., None]
    depth = np.clip((y - horizon) / (height - horizon), 0, 1)[..., None]
    light = np.exp(-(((x / width - 0.5) / 0.42) ** 2) - ((y / height - 0.8) / 0.24) ** 2)[..., None]
    light *= np.clip(4 * depth, 0, 1)
    glow = np.exp(-(((x / width - 0.5) / 0.4) ** 2) - ((y / height - 0.42) / 0.5) ** 2)[..., None]
    colours = np.where(depth > 0, _blend(HORIZON, FLOOR, depth**0.55), _blend(TOP, HORIZON, wall))
    colours = _blend(_blend(colours, POOL, 0.55 * light), POOL, 0.16 * glow)
    line = (LINE - colours[..., 1:2]) * (0.3 * light + 0.07 * np.clip(3 * depth, 0, 1))
    # A little noise hides the bands that 8 bits and video compression make of a slow gradient.
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, (height, width, 1))
    return colours + noise, line[..., 0]


def _blend(a: np.ndarray | Colour, b: Colour, share: np.ndarray) -> np.ndarray:
    start, stop = np.asarray(a, np.float32), np.asarray(b, np.float32)
    return np.asarray(start + share * (stop - start))


def _clip_near(ends: Float[np.ndarray, "Q 2 2"], camera: Camera) -> Float[np.ndarray, "R 2 2"]:
    """The parts of segments on the floor that lie well before the camera; those wholly behind are gone."""
    forward = camera.axes[2][[0, 2]] / np.linalg.norm(camera.axes[2][[0, 2]])
    depth = (ends - camera.eye[[0, 2]]) @ forward - NEAREST_METRES
    seen = (depth > 0).any(axis=1)
    ends, depth = ends[seen], depth[seen]
    share = np.clip(depth / np.where(depth == depth[:, ::-1], 1.0, depth - depth[:, ::-1]), 0, 1)[..., None]
    cut = ends + share * (ends[:, ::-1] - ends)
    return np.where(depth[..., None] > 0, ends, cut)


def _soft_mask(
    outlines: Float[np.ndarray, "P K 2"], strength: Float[np.ndarray, " P"], size: tuple[int, int]
) -> tuple[Image.Image | None, tuple[int, int]]:
    """Blurred polygons at full size, cut to what they cover, and where that lies."""
    rim = 6
    low = np.maximum(np.floor(outlines.min(axis=(0, 1))).astype(int) - rim, 0)
    high = np.minimum(np.ceil(outlines.max(axis=(0, 1))).astype(int) + rim, np.array(size) // SHADOW_GRAIN)
    if (high <= low).any():
        return None, (0, 0)
    (left, top), (width, height) = low.tolist(), (high - low).tolist()
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    flat = np.ascontiguousarray((outlines - low).reshape(len(outlines), -1), np.float32)
    for part in np.argsort(strength):  # the darkest last: shadows do not add up
        draw.polygon(flat[part], fill=int(strength[part]))
    soft = mask.filter(ImageFilter.BoxBlur(1.6)).filter(ImageFilter.BoxBlur(1.6))
    full = soft.resize((SHADOW_GRAIN * width, SHADOW_GRAIN * height), Image.Resampling.BILINEAR)
    return full, (SHADOW_GRAIN * left, SHADOW_GRAIN * top)
