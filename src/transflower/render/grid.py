"""Dancers in pictures of their own, row by row, each with its name.

Shape letters: B beats.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.render.body import Body
from transflower.render.canvas import RGB, Canvas, Coding, even
from transflower.render.options import VideoConfig
from transflower.render.scene import PALETTE, Scene
from transflower.render.waveform import MARGIN, TEXT, Waveform, text_mask

_LETTERS = 0.04
"""Height of a name, as a share of the height of its picture."""


class Grid:
    """Scenes of one dancer each, beside and below each other; the waveform lies over the lowest row."""

    def __init__(
        self,
        bodies: Sequence[Body],
        names: Sequence[str],
        config: VideoConfig,
        *,
        sound: np.ndarray | None = None,
        beats: Float[np.ndarray, " B"] | None = None,
        coding: Coding = RGB,
    ) -> None:
        """Prepare.

        Args:
            bodies: the dancers, row by row.
            names: of the dancers.
            config: what it looks like; it has columns.
            sound: loudness of equal stretches, that the waveform shows.
            beats: seconds of beats that it marks.
            coding: of the colours.

        Raises:
            OptionsError: the pictures would be too small.
        """
        columns, width, height = config.cells(len(bodies))
        cell = replace(config, width=width, height=height, waveform=False, columns=None)
        self._size, self._coding, self._config = (config.width, config.height), coding, config
        self._corners = [(width * (index % columns), height * (index // columns)) for index in range(len(bodies))]
        self._scenes = [
            Scene([body], cell, tones=PALETTE[index % len(PALETTE) :], coding=coding)
            for index, body in enumerate(bodies)
        ]
        self._inset = even(MARGIN * height)
        # A long name ends with its picture.
        most = width - 2 * self._inset
        self._names = [text_mask(name, round(_LETTERS * height))[:, :most] for name in names]
        seconds = max(body.seconds for body in bodies)
        self._waveform = Waveform(self._size, seconds=seconds, caption=config.caption, sound=sound, beats=beats)

    def picture(self, seconds: float) -> Canvas:
        """All dancers at a moment."""
        canvas = Canvas(self._size, self._coding)
        for scene, corner, name in zip(self._scenes, self._corners, self._names, strict=True):
            canvas.paste(scene.picture(seconds), corner)
            canvas.tint(TEXT, name, (corner[0] + self._inset, corner[1] + self._inset))
        if self._config.waveform:
            self._waveform.draw(canvas, seconds)
        return canvas
