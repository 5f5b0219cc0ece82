"""Pictures of dancers: one moment (``picture``), several in one (``contact_sheet``), or any one of many (``Scene``).

Shape letters: T moments, E points, B beats.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from PIL import Image

from transflower.core.errors import DataError
from transflower.motion.clip import Clip
from transflower.render.backdrop import SHADOW, Backdrop
from transflower.render.body import Body, build_body
from transflower.render.camera import Camera, CameraPath
from transflower.render.canvas import RGB, Canvas, Coding
from transflower.render.options import SCENE, SceneConfig
from transflower.render.shading import ShadedBody, Tones
from transflower.render.waveform import Waveform

PALETTE = (
    Tones(left=(255, 190, 96), right=(255, 98, 118), trunk=(246, 226, 208)),
    Tones(left=(126, 228, 206), right=(86, 148, 248), trunk=(214, 232, 246)),
    Tones(left=(250, 170, 220), right=(160, 120, 250), trunk=(236, 222, 248)),
    Tones(left=(222, 232, 120), right=(84, 196, 128), trunk=(232, 242, 214)),
)
"""Colours of the dancers, from the left."""


SHEET = SceneConfig(height=480, gap=0.25, waveform=False)
"""A wide picture for several moments."""


def picture(clip: Clip, seconds: float, config: SceneConfig = SCENE) -> Image.Image:
    """The dancer at a moment."""
    return Scene([build_body(clip)], config).picture(seconds).image()


class Scene:
    """Dancers side by side before a camera that follows them."""

    def __init__(
        self,
        bodies: Sequence[Body],
        config: SceneConfig = SCENE,
        *,
        tones: Sequence[Tones] = PALETTE,
        sound: np.ndarray | None = None,
        beats: Float[np.ndarray, " B"] | None = None,
        coding: Coding = RGB,
    ) -> None:
        """Prepare.

        Args:
            bodies: the dancers, from the left.
            config: what it looks like.
            tones: their colours; if there are more dancers than colours, these start again.
            sound: samples, or loudness of equal stretches, that the waveform at the bottom shows.
            beats: seconds of beats that it marks.
            coding: their colour coding.

        Raises:
            DataError: no bodies.
        """
        if not bodies:
            raise DataError("a picture needs at least one clip")
        self.config = config
        self.seconds = max(body.seconds for body in bodies)
        size = (config.width, config.height)
        fps = max(body.fps for body in bodies)
        moments = np.arange(round(self.seconds * fps)) / fps
        yaw = bodies[0].facing + np.radians(config.view)
        bodies = _side_by_side(bodies, moments, np.array([np.cos(yaw), 0.0, -np.sin(yaw)]), config.gap)
        self._shaded = [ShadedBody(body, tones[index % len(tones)], shade=SHADOW) for index, body in enumerate(bodies)]
        everything = np.concatenate([_over(body, moments) for body in bodies], axis=1)
        self._camera = CameraPath(everything, fps, yaw=yaw, size=size)
        self._backdrop = Backdrop(self._camera.at(0.0), size, coding, floor=min(_floor(body) for body in bodies))
        self._waveform = Waveform(size, seconds=self.seconds, caption=config.caption, sound=sound, beats=beats)

    def picture(self, seconds: float) -> Canvas:
        """The dancers at a moment."""
        camera = self._camera.at(seconds)
        canvas = self._backdrop.draw(camera)
        self._place(canvas, seconds, camera)
        if self.config.waveform:
            self._waveform.draw(canvas, seconds)
        return canvas

    def _place(self, canvas: Canvas, seconds: float, camera: Camera) -> None:
        for shaded in self._shaded:
            self._backdrop.cast_shadow(canvas, shaded, seconds, camera)
        middles = [camera.depth(shaded.body.at(seconds)).mean() for shaded in self._shaded]
        for index in sorted(range(len(middles)), key=lambda index: -middles[index]):
            self._shaded[index].draw(canvas, seconds, camera)


def contact_sheet(clip: Clip, seconds: Sequence[float], config: SceneConfig = SHEET) -> Image.Image:
    """Several moments of one dancer in one picture, side by side from the left, in slowly changing colours.

    Raises:
        DataError: no moments.
    """
    if not seconds:
        raise DataError("a contact sheet needs at least one moment")
    body = build_body(clip)
    moments = np.stack([body.at(moment) for moment in seconds])
    moments[..., [0, 2]] -= moments[..., [0, 2]].mean(axis=1, keepdims=True)
    shares = np.linspace(0, 1, len(moments))
    tones = [PALETTE[0].towards(PALETTE[2], float(share)) for share in shares]
    return (
        Scene([replace(body, spheres=spheres[None]) for spheres in moments], config, tones=tones).picture(0.0).image()
    )


def _side_by_side(bodies: Sequence[Body], moments: np.ndarray, right: np.ndarray, gap: float) -> list[Body]:
    """Move dancers along the picture's horizontal so far that neighbours never come nearer than ``gap``."""
    moved = [bodies[0]]
    for body in bodies[1:]:
        neighbour, own = _over(moved[-1], moments) @ right, _over(body, moments) @ right
        shift = float((neighbour.max(axis=1) - own.min(axis=1)).max()) + gap
        moved.append(replace(body, spheres=body.spheres + shift * right))
    return moved


def _over(body: Body, moments: np.ndarray) -> Float[np.ndarray, "T E 3"]:
    return np.stack([body.ends_at(moment) for moment in moments])


def _floor(body: Body) -> float:
    """Height on which the lowest spheres mostly rest."""
    lowest = (body.spheres[..., 1] - body.radii).min(axis=1)
    return float(np.percentile(lowest, 10))
