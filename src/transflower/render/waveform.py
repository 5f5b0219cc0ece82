"""The waveform at the bottom: the loudness of the song over time, the part that was played, its beats, and a caption.

Shape letters: B beats.
"""

import math

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from transflower.render.canvas import Canvas, Colour, even

PLAYED: Colour = (255, 196, 112)
AHEAD: Colour = (128, 128, 176)
TEXT: Colour = (214, 214, 236)
PASSING: Colour = (255, 250, 236)
MARGIN = 0.045
"""Free space at both sides, as a share of the width."""
HEIGHT = 0.04
"""Height of the loudest bar, as a share of the picture's height."""
BAR_PIXELS = 4
"""Width of a bar with the gap after it."""
TICK_PIXELS = 2
"""Width of the tick of a beat."""
FADING_SECONDS = 0.12
"""Time in which a beat that has passed becomes less bright by a factor of e."""
_HALO = 0.4
"""Brightness beside a beat that passes, as a share."""
_DENSEST_TICKS = 6
"""Pixels from beat to beat; below that ticks would be a grey band, and a beat is seen only while it passes."""


class Waveform:
    """Draws the waveform; the part that was played is brighter."""

    def __init__(
        self,
        size: tuple[int, int],
        *,
        seconds: float,
        caption: str,
        sound: np.ndarray | None,
        beats: Float[np.ndarray, " B"] | None = None,
    ) -> None:
        """Prepare.

        Args:
            size: width and height of the picture.
            seconds: duration of the whole waveform.
            caption: text above it.
            sound: samples over that duration, ``[N]`` or ``[N, channels]``, or the loudness of equal stretches; without
                them the waveform is a thin line.
            beats: seconds at which a tick stands below the waveform, and lights up when it passes.
        """
        self._seconds = seconds
        self._left = even(MARGIN * size[0])
        self._width = size[0] - 2 * self._left
        self._height = max(2, even(HEIGHT * size[1]))
        self._top = even(0.955 * size[1]) - self._height
        self._tick_height = max(2, even(HEIGHT * size[1] / 4))
        self._tick_top = min(self._top + self._height + self._tick_height, size[1] - self._tick_height)
        self._beats = np.zeros(0) if beats is None else beats[(beats >= 0) & (beats <= seconds)]
        self._mask = np.zeros((self._tick_top + self._tick_height - self._top, self._width), np.uint8)
        self._mask[: self._height] = np.asarray(self._bars(sound))
        self._mask[-self._tick_height :] |= self._tick_mask()
        self._dim = np.round(0.45 * self._mask).astype(np.uint8)
        # A long caption ends with the picture.
        self._caption = text_mask(caption, round(0.026 * size[1]))[:, : size[0] - self._left] if caption else None

    def draw(self, canvas: Canvas, seconds: float) -> None:
        """Add the waveform at a moment to a picture."""
        played = even(self._width * float(np.clip(seconds / self._seconds, 0, 1)))
        canvas.tint(AHEAD, self._dim, (self._left, self._top))
        canvas.tint(PLAYED, self._mask[:, :played], (self._left, self._top))
        self._light_up(canvas, seconds)
        if self._caption is not None:
            canvas.tint(TEXT, self._caption, (self._left, self._top - even(1.6 * len(self._caption))))

    def _light_up(self, canvas: Canvas, seconds: float) -> None:
        """Let the beat that has just passed shine, through the waveform too."""
        index = int(np.searchsorted(self._beats, seconds, side="right")) - 1
        brightness = 0.0 if index < 0 else math.exp((self._beats[index] - seconds) / FADING_SECONDS)
        if brightness >= 0.05:
            column = np.repeat([_HALO, 1.0, _HALO], TICK_PIXELS) * 255 * brightness
            mask = np.tile(np.round(column).astype(np.uint8), (len(self._mask), 1))
            left = self._left + int(self._tick_columns()[index]) - TICK_PIXELS
            canvas.tint(PASSING, mask, (left, self._top))

    def _tick_columns(self) -> np.ndarray:
        """The first column of the tick of each beat."""
        columns = 2 * np.rint((self._width - TICK_PIXELS) / 2 * self._beats / self._seconds)
        return np.asarray(columns.astype(int))

    def _tick_mask(self) -> UInt8[np.ndarray, "H W"]:
        mask = np.zeros((self._tick_height, self._width), np.uint8)
        columns = self._tick_columns()
        if len(columns) < 2 or np.median(np.diff(columns)) >= _DENSEST_TICKS:
            for offset in range(TICK_PIXELS):
                mask[:, columns + offset] = 255
        return mask

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


def text_mask(caption: str, pixels: int) -> UInt8[np.ndarray, "H W"]:
    """A line of text, of letters of so many pixels; both sides are even."""
    font = ImageFont.load_default(pixels)
    left, top, right, bottom = font.getbbox(caption)
    mask = Image.new("L", (2 * math.ceil((right - left) / 2), 2 * math.ceil((bottom - top) / 2)))
    ImageDraw.Draw(mask).text((-left, -top), caption, font=font, fill=255)
    return np.asarray(mask)
