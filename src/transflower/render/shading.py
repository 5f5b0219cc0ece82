"""Bodies as shaded shapes: from spheres and a camera to polygons on a canvas.

A part is drawn several times, each time smaller, nearer to the light and brighter, so that it looks round. All
parts of a group are drawn one brightness after the other, so that a thigh flows into its shin without a seam.

Shape letters: B spheres of a part, P parts, L levels of brightness, K corners, XY corners as x, y, x, y...
"""

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from transflower.render.body import Body
from transflower.render.camera import Camera
from transflower.render.canvas import Canvas, Coding, Colour
from transflower.render.outlines import directions, hulls

LEVELS = np.array([1.0, 0.91, 0.82, 0.72, 0.61, 0.49, 0.36, 0.22], np.float32)
"""Size of a part at each brightness, from the rim to the highlight."""
LIGHT = np.array([-0.42, -0.62], np.float32)
"""Towards the light, in the picture."""
ROUNDNESS = 0.7
"""How much broad parts narrow towards the highlight."""
RIM_PIXELS = 1.2
"""Dark edge that separates a limb from what is behind it, in pixels of the canvas."""
SUPERSAMPLING = 2
"""Bodies are drawn this many times larger and averaged."""


@dataclass(frozen=True)
class Tones:
    """Colours that go together."""

    left: Colour
    """The dancer's left."""
    right: Colour
    """The dancer's right."""
    trunk: Colour
    """The trunk and the head."""

    face: Colour = (52, 50, 84)
    """The front of the head."""

    def towards(self, other: "Tones", share: float) -> "Tones":
        """Colours ``share`` of the way to others."""
        return Tones(*(_between(getattr(self, f.name), getattr(other, f.name), share) for f in fields(self)))


def mix(a: Float[np.ndarray, "*S 3"], b: Float[np.ndarray, "*S 3"], share: float) -> Float[np.ndarray, "*S 3"]:
    """The colour ``share`` of the way from ``a`` to ``b``."""
    return a + share * (b - a)


def _between(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = mix(np.array(a, float), np.array(b, float), share)
    return round(red), round(green), round(blue)


class ShadedBody:
    """Draws one body; the tables that never change are made once."""

    def __init__(self, body: Body, tones: Tones, *, shade: Colour) -> None:
        """Prepare.

        Args:
            body: what to draw.
            tones: its colours.
            shade: dark colour into which the rims fade.
        """
        self.body = body
        most = max(len(part.spheres) for part in body.parts)
        self.part_spheres = np.array(
            [part.spheres + part.spheres[-1:] * (most - len(part.spheres)) for part in body.parts]
        )
        self._groups = [
            [index for index, part in enumerate(body.parts) if part.group == group] for group in range(len(body.groups))
        ]
        colours = [np.array(getattr(tones, part.tone), float) for part in body.parts]
        self._ramps = np.stack([_ramp(colour, np.array(shade, float)) for colour in colours])
        self._shade = np.array(shade, float)
        self._breadth = np.array([float(len(set(part.spheres)) > 2) for part in body.parts], np.float32)

    def draw(self, canvas: Canvas, seconds: float, camera: Camera) -> None:
        """Draw the body as it is at a moment, with smooth edges."""
        spheres = self.body.at(seconds)
        pixels, scale = camera.project(spheres)
        radii = self.body.radii * scale
        box = _box(pixels, radii, canvas.size)
        if box is None:
            return
        left, top, right, bottom = box
        # Mode CMYK is four bands that Pillow leaves as they are.
        layer = Image.new("CMYK", (SUPERSAMPLING * (right - left), SUPERSAMPLING * (bottom - top)))
        discs = np.column_stack([pixels - (left, top), radii]).astype(np.float32)[self.part_spheres] * SUPERSAMPLING
        outlines = self._outlines(discs[..., :2], discs[..., 2], directions(canvas.size[1]))
        self._draw(layer, outlines, camera.depth(spheres), canvas.coding)
        canvas.lay(layer, (left, top), scale=SUPERSAMPLING)

    def _draw(self, layer: Image.Image, outlines: np.ndarray, depth: np.ndarray, coding: Coding) -> None:
        polygon = ImageDraw.Draw(layer).polygon
        part_depth = depth[self.part_spheres].mean(axis=1)
        colours = self._colours(part_depth - np.median(depth), coding)
        order = sorted(range(len(self._groups)), key=lambda group: -self._depth(group, depth))
        for group in order:
            parts = sorted(self._groups[group], key=lambda part: -part_depth[part])
            for level in range(len(LEVELS)):
                for part in parts:
                    polygon(outlines[level, part], colours[part][level])

    def _depth(self, group: int, depth: np.ndarray) -> float:
        piece = self.body.groups[group]
        return float(depth[list(piece.spheres)].mean()) + piece.setback

    def _outlines(self, centres: np.ndarray, radii: np.ndarray, towards: np.ndarray) -> Float[np.ndarray, "L P XY"]:
        # A broad part, such as a chest, also draws in towards its middle: else all of it would be highlight.
        middle = centres.mean(axis=1, keepdims=True)
        drawn_in = ROUNDNESS * (1 - LEVELS)[:, None, None, None] * self._breadth[:, None, None]
        lit = centres + drawn_in * (middle - centres)
        lit = lit + (1 - LEVELS)[:, None, None, None] * radii[..., None] * LIGHT
        sizes = LEVELS[:, None, None] * radii
        sizes[0] += RIM_PIXELS
        corners = hulls(lit, sizes, towards)
        return np.ascontiguousarray(corners.reshape(*corners.shape[:2], -1))

    def _colours(self, behind: np.ndarray, coding: Coding) -> list[list[int]]:
        """Colours of all parts and levels, as Pillow packs four bands; parts that are farther away are darker."""
        fog = np.clip(0.05 + 0.45 * behind, 0.0, 0.4)[:, None, None]
        colours = np.clip(np.round(coding.encode(self._ramps + fog * (self._shade - self._ramps))), 0, 255).astype(int)
        return (colours @ (1, 1 << 8, 1 << 16) + (255 << 24)).tolist()


def _box(pixels: np.ndarray, radii: np.ndarray, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """What the body covers of the picture, as left, top, right, bottom, all even; None if nothing."""
    low = 2 * np.floor((pixels - radii[:, None]).min(axis=0) / 2).astype(int) - 2
    high = 2 * np.ceil((pixels + radii[:, None]).max(axis=0) / 2).astype(int) + 2
    left, top = (int(n) for n in np.maximum(low, 0))
    right, bottom = (int(n) for n in np.minimum(high, size))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _ramp(colour: np.ndarray, shade: np.ndarray) -> Float[np.ndarray, "L 3"]:
    """From the rim to the highlight."""
    bright = np.array([255.0, 250.0, 240.0])
    dark = [mix(colour, shade, share) for share in (0.72, 0.46, 0.30, 0.16, 0.05)]
    return np.stack([*dark, *(mix(colour, bright, share) for share in (0.06, 0.16, 0.26))])
