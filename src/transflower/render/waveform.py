"""The waveform at the bottom: the loudness of the song over time, the part that was played, and a caption."""

import math

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from transflower.render.canvas import Canvas, Colour, even

PLAYED: Colour = (255, 196, 112)
AHEAD: Colour = (128, 128, 176)
TEXT: Colour = (214, 214, 236)
MARGIN = 0.045
"""Free space at both sides, as a share of the width."""
HEIGHT = 0.04
"""Height of the loudest bar, as a share of the picture's height."""
BAR_PIXELS = 4
"""Width of a bar with the gap after it."""


class Waveform:
    """Draws the waveform; the part that was played is brighter."""

    def __init__(self, size: tuple[int, int], *, seconds: float, caption: str, sound: np.ndarray | None) -> None:
        """Prepare.

        Args:
            size: width and height of the picture.
            seconds: duration of the whole waveform.
            caption: text above it.
            sound: samples over that duration, ``[N]`` or ``[N, channels]``, or the loudness of equal stretches; without
                them the waveform is a thin line.
        """
        self._seconds = seconds
        self._left = even(MARGIN * size[0])
        self._width = size[0] - 2 * self._left
        self._height = max(2, even(HEIGHT * size[1]))
        self._top = even(0.955 * size[1]) - self._height
        self._mask = np.asarray(self._bars(sound))
        self._dim = np.round(0.45 * self._mask).astype(np.uint8)
        # A long caption ends with the picture.
        self._caption = _text(caption, round(0.026 * size[1]))[:, : size[0] - self._left] if caption else None

    def draw(self, canvas: Canvas, seconds: float) -> None:
        """Add the waveform at a moment to a picture."""
        played = even(self._width * float(np.clip(seconds / self._seconds, 0, 1)))
        canvas.tint(AHEAD, self._dim, (self._left, self._top))
        canvas.tint(PLAYED, self._mask[:, :played], (self._left, self._top))
        if self._caption is not None:
            canvas.tint(TEXT, self._caption, (self._left, self._top - even(1.6 * len(self._caption))))

    def _bars(self, sound: np.ndarray | None) -> Image.Image:
        scale = 4
        mask = Image.new("L", (scale * self._width, scale * self._height))
        draw = ImageDraw.Draw(mask)
        middle = scale * self._height / 2
        if sound is None or not len(sound):
            draw.rounded_rectangle((0, middle - scale, mask.width - 1, middle + scale), scale, fill=255)
            return mask.reduce(scale)
        for index, level in enumerate(_loudness(sound, self._width // BAR_PIXELS)):
            left, half = scale * BAR_PIXELS * index, max(scale, level * middle)
            right = left + scale * BAR_PIXELS // 2
            draw.rounded_rectangle((left, middle - half, right, middle + half - 1), scale, fill=255)
        return mask.reduce(scale)


def _loudness(sound: np.ndarray, bars: int) -> np.ndarray:
    """Root mean square of equal stretches, the loudest being 1."""
    mono = np.abs(sound.reshape(len(sound), -1)).mean(axis=1)
    edges = np.linspace(0, len(mono), bars + 1).astype(int)
    power = np.concatenate([[0.0], np.cumsum(np.asarray(mono, np.float64) ** 2)])
    loud = np.sqrt(np.diff(power[edges]) / np.maximum(np.diff(edges), 1))
    return np.asarray(loud / max(loud.max(), 1e-12))


def _text(caption: str, pixels: int) -> UInt8[np.ndarray, "H W"]:
    font = ImageFont.load_default(pixels)
    left, top, right, bottom = font.getbbox(caption)
    mask = Image.new("L", (2 * math.ceil((right - left) / 2), 2 * math.ceil((bottom - top) / 2)))
    ImageDraw.Draw(mask).text((-left, -top), caption, font=font, fill=255)
    return np.asarray(mask)
