"""Pictures as planes of bytes, in the colours of a screen or of a video file.

A video file holds the brightness of every pixel, and the hue of every 2 x 2 pixels. Converting a finished picture takes
as long as drawing it. All drawing here is mixing, which is linear, so the few colours and masks are converted instead,
and the planes of the file are drawn directly.

Shape letters: H rows, W columns, C colour channels (red, green, blue; or brightness, blueness, redness), N
pixels.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8, UInt16
from PIL import Image

Colour = tuple[int, int, int]
"""Red, green and blue, from 0 to 255."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Coding:
    """A colour coding of planes."""

    matrix: Float[np.ndarray, "3 3"]
    """Channels of a colour, from its red, green and blue."""
    zero: Float[np.ndarray, "3"]
    """Channels of black."""
    grains: tuple[int, int, int]
    """For each channel, how many pixels of the picture share one of the plane, along either side."""

    def encode(self, colours: Float[np.ndarray, "*S 3"]) -> Float[np.ndarray, "*S 3"]:
        """Channels of colours."""
        return np.asarray(colours @ self.matrix.T + self.zero)

    def decode(self, channels: Float[np.ndarray, "*S 3"]) -> Float[np.ndarray, "*S 3"]:
        """Colours of channels."""
        return np.asarray((channels - self.zero) @ np.linalg.inv(self.matrix).T)


def _bt709() -> Coding:
    """Brightness from 16 to 235, hues from 16 to 240: what players expect of HD."""
    brightness = np.array([0.2126, 0.7152, 0.0722])
    blueness = (np.array([0.0, 0.0, 1.0]) - brightness) / (2 * (1 - brightness[2]))
    redness = (np.array([1.0, 0.0, 0.0]) - brightness) / (2 * (1 - brightness[0]))
    matrix = np.stack([219 * brightness, 224 * blueness, 224 * redness]) / 255
    return Coding(matrix=matrix, zero=np.array([16.0, 128.0, 128.0]), grains=(1, 2, 2))


RGB = Coding(matrix=np.eye(3), zero=np.zeros(3), grains=(1, 1, 1))
"""Colours of a screen."""
YUV420 = _bt709()
"""Colours of a video file: BT.709, hue at half the resolution."""


class Canvas:
    """A picture to draw on. Boxes start at even pixels and have even sides, so that no hue is cut in two."""

    def __init__(self, size: tuple[int, int], coding: Coding, data: UInt8[np.ndarray, " N"] | None = None) -> None:
        """Prepare.

        Args:
            size: even width and height in pixels.
            coding: the colour coding.
            data: bytes of the planes, one after the other; by default the picture is black.
        """
        self.size, self.coding = size, coding
        sides = [(size[1] // grain, size[0] // grain) for grain in coding.grains]
        areas = [height * width for height, width in sides]
        data = np.repeat(coding.zero.astype(np.uint8), areas) if data is None else data
        # Arrays from another process have a type of their own, equal to numpy's, with which ``ufunc.at`` is slow.
        self.data = data.view(np.uint8)
        """Bytes of the planes, one after the other."""
        planes = np.split(self.data, np.cumsum(areas)[:-1])
        self._planes = [plane.reshape(side) for plane, side in zip(planes, sides, strict=True)]

    @classmethod
    def of(cls, colours: Float[np.ndarray, "H W 3"], coding: Coding) -> "Canvas":
        """A picture of given colours."""
        height, width, _ = colours.shape
        canvas = cls((width, height), coding)
        channels = np.moveaxis(np.clip(coding.encode(colours), 0, 255), -1, 0)
        for plane, channel, grain in zip(canvas._planes, channels, coding.grains, strict=True):
            plane[:] = np.round(channel.reshape(height // grain, grain, width // grain, grain).mean(axis=(1, 3)))
        return canvas

    def copy(self) -> "Canvas":
        """A copy of the picture, to draw on."""
        return Canvas(self.size, self.coding, self.data.copy())

    def paste(self, other: "Canvas", corner: tuple[int, int]) -> None:
        """Put a smaller picture, of the same coding, on this one, from the pixel ``corner`` on (x, y)."""
        width, height = other.size
        for box, plane in zip(self._boxes(corner, (height, width)), other._planes, strict=True):
            box[:] = plane

    def image(self) -> Image.Image:
        """The picture in the colours of a screen."""
        wide = [
            plane.repeat(grain, axis=0).repeat(grain, axis=1)
            for plane, grain in zip(self._planes, self.coding.grains, strict=True)
        ]
        colours = self.coding.decode(np.stack(wide, axis=-1).astype(np.float32))
        return Image.fromarray(np.clip(np.round(colours), 0, 255).astype(np.uint8))

    def tint(self, colour: Colour, mask: UInt8[np.ndarray, "H W"], corner: tuple[int, int]) -> None:
        """Mix in a colour from the pixel ``corner`` on (x, y): where the mask is 255, nothing else remains."""
        shares = {1: _share(mask)}
        if 2 in self.coding.grains:
            shares[2] = _coarser(shares[1])
        channels = np.round(self.coding.encode(np.array(colour, float))).astype(np.uint16)
        for box, channel, grain in zip(self._boxes(corner, mask.shape), channels, self.coding.grains, strict=True):
            share = shares[grain]
            # 255 * 256 + 128 just fits into 16 bits.
            box[:] = (box * (256 - share) + (channel * share + np.uint16(128))) >> 8

    def lighten(self, pixels: Int[np.ndarray, " N"], levels: Float[np.ndarray, " N"]) -> None:
        """Add grey of so many levels to pixels, numbered row by row. Of one that is given twice the larger counts."""
        # Grey has no hue.
        for plane, grey, grain in zip(self._planes, self.coding.matrix.sum(axis=1), self.coding.grains, strict=True):
            if grain == 1:
                flat = plane.reshape(-1)
                lighter = flat[pixels] + np.float32(grey) * levels + np.float32(0.5)
                np.maximum.at(flat, pixels, np.minimum(lighter, 255).astype(np.uint8))

    def lay(self, layer: Image.Image, corner: tuple[int, int], *, scale: int) -> None:
        """Lay a drawing upon the picture, from the pixel ``corner`` on (x, y).

        Args:
            layer: ``scale`` times as fine as the picture, of four bands: the channels of the colours, and 255 where
                something is drawn. All are 0 elsewhere.
            corner: where it starts.
            scale: how much finer it is.
        """
        shape = layer.height // scale, layer.width // scale
        fine = layer.reduce(scale)
        bands = {grain: np.asarray(fine.reduce(grain)) for grain in set(self.coding.grains)}
        for channel, box in enumerate(self._boxes(corner, shape)):
            band = bands[self.coding.grains[channel]]
            box[:] = band[..., channel] + (box * _share(255 - band[..., 3]) >> 8)

    def _boxes(self, corner: tuple[int, int], shape: tuple[int, ...]) -> list[UInt8[np.ndarray, "_ _"]]:
        """What a part of the picture is in each plane."""
        (left, top), (height, width) = corner, shape
        return [
            plane[top // grain : (top + height) // grain, left // grain : (left + width) // grain]
            for plane, grain in zip(self._planes, self.coding.grains, strict=True)
        ]


def even(number: float) -> int:
    """The even number next to another."""
    return 2 * round(number / 2)


def _share(mask: UInt8[np.ndarray, "H W"]) -> UInt16[np.ndarray, "H W"]:
    """0 to 256, from 0 to 255."""
    return mask + (mask >> 7).astype(np.uint16)


def _coarser(shares: UInt16[np.ndarray, "H W"]) -> UInt16[np.ndarray, "K L"]:
    """Means of 2 x 2."""
    # Neighbours are read as one number, as strides are slow.
    pairs = (shares[::2] + shares[1::2]).view(np.uint32)
    return ((pairs + (pairs >> 16)).astype(np.uint16) + 2) >> 2
