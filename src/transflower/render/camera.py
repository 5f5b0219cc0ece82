"""A camera that follows dancers smoothly and keeps them in the picture.

Shape letters: T frames, N points.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # scipy.ndimage is imported when it is first used, which processes that only draw never do
from jaxtyping import Float

FIELD_OF_VIEW = np.radians(26.0)
"""Vertical angle; a long lens keeps limbs in proportion."""
PITCH = np.radians(9.5)
"""Downward tilt, so that some floor is in the picture."""
PAN_SECONDS = 0.8
"""Standard deviation of the filter over the path of the dancers."""
ZOOM_SECONDS = 1.5
"""Half of the time over which the farthest point decides the distance."""
MARGIN = 0.82
"""Share of the half picture that bodies may fill."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Camera:
    """One moment's view: world points to pixels."""

    eye: Float[np.ndarray, "3"]
    """Position in metres."""
    axes: Float[np.ndarray, "3 3"]
    """Rows: right, down (as pixels count), forward."""
    focal: float
    """Pixels that a metre fills at a metre's distance."""
    centre: tuple[float, float]
    """Pixel on the axis."""

    def project(self, points: Float[np.ndarray, "*N 3"]) -> tuple[Float[np.ndarray, "*N 2"], Float[np.ndarray, "*N"]]:
        """Pixels, and pixels per metre there (0 or less: behind the camera)."""
        seen = (points - self.eye) @ self.axes.T
        scale = self.focal / seen[..., 2]
        return seen[..., :2] * scale[..., None] + self.centre, scale

    def depth(self, points: Float[np.ndarray, "*N 3"]) -> Float[np.ndarray, "*N"]:
        """Metres before the camera."""
        return np.asarray((points - self.eye) @ self.axes[2])


class CameraPath:
    """The camera over a whole clip.

    It looks at the middle of all points, low-passed in both directions of time, hence without lag, at a distance that
    shows the farthest point within a few seconds. That distance is a smoothed running maximum, whose filter is no wider
    than the maximum: it never falls below the demand.
    """

    def __init__(self, points: Float[np.ndarray, "T N 3"], fps: float, *, yaw: float, size: tuple[int, int]) -> None:
        """Plan the path.

        Args:
            points: everything to keep in the picture, in metres.
            fps: frames per second of ``points``.
            yaw: direction from the dancers to the camera, in radians from +Z towards +X.
            size: width and height of the picture in pixels.
        """
        self._fps = fps
        self._focal = size[1] / 2 / np.tan(FIELD_OF_VIEW / 2)
        self._centre = (size[0] / 2, size[1] * 0.47)  # a little high: the waveform needs room below
        self._axes = _axes(yaw)
        low, high = points.min(axis=1), points.max(axis=1)
        target = (low + high) / 2
        target[:, 1] = np.median(target[:, 1])  # the camera does not follow a jump
        self._target = _smooth(target, PAN_SECONDS * fps)
        self._distance = self._plan_distance(points, size)

    def at(self, seconds: float) -> Camera:
        """The camera at a moment; before the start and after the end it stands still."""
        frame = seconds * self._fps
        frames = np.arange(len(self._target))
        target = np.array([np.interp(frame, frames, self._target[:, axis]) for axis in range(3)])
        distance = np.interp(frame, frames, self._distance)
        eye = target - distance * self._axes[2]
        return Camera(eye=eye, axes=self._axes, focal=self._focal, centre=self._centre)

    def _plan_distance(self, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        right, down, forward = np.moveaxis((points - self._target[:, None]) @ self._axes.T, -1, 0)
        half_width, half_height = MARGIN * size[0] / 2 / self._focal, MARGIN * size[1] / 2 / self._focal
        demand = np.maximum(np.abs(right) / half_width, np.abs(down) / half_height) - forward
        radius = max(1, round(ZOOM_SECONDS * self._fps))
        highest = scipy.ndimage.maximum_filter1d(demand.max(axis=1), 2 * radius + 1, mode="nearest")
        return np.asarray(scipy.ndimage.gaussian_filter1d(highest, radius / 2, mode="nearest", radius=radius))


def _axes(yaw: float) -> np.ndarray:
    forward = np.array([-np.sin(yaw) * np.cos(PITCH), -np.sin(PITCH), -np.cos(yaw) * np.cos(PITCH)])
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    return np.stack([right, np.cross(forward, right), forward])


def _smooth(track: np.ndarray, frames: float) -> np.ndarray:
    return np.asarray(scipy.ndimage.gaussian_filter1d(track, frames, axis=0, mode="nearest"))
