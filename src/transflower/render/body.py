"""A clip with a body around its bones: where the spheres of the body are at every moment, and where it faces.

Shape letters: T frames, M spheres, E ends of spheres.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.motion.body_mesh import Group, Part
from transflower.motion.clip import Clip
from transflower.motion.fitted_body import fit_body


@dataclass(frozen=True, kw_only=True, eq=False)
class Body:
    """The body of a clip."""

    fps: float
    """Frames per second."""
    spheres: Float[np.ndarray, "T M 3"]
    """World positions of the spheres in metres."""
    radii: Float[np.ndarray, " M"]
    """Radii of the spheres in metres."""
    parts: tuple[Part, ...]
    """Shapes that wrap the spheres."""
    groups: tuple[Group, ...]
    """The pieces that the parts form."""
    facing: float
    """Mean direction in which the body faces, in radians from +Z towards +X."""

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.spheres) / self.fps

    def at(self, seconds: float) -> Float[np.ndarray, "M 3"]:
        """Positions of the spheres at any moment, between frames on a straight line."""
        frame = np.clip(seconds * self.fps, 0, len(self.spheres) - 1)
        before = int(frame)
        after = min(before + 1, len(self.spheres) - 1)
        return np.asarray(self.spheres[before] + (frame - before) * (self.spheres[after] - self.spheres[before]))

    def ends_at(self, seconds: float) -> Float[np.ndarray, "E 3"]:
        """Tops and bottoms of the spheres at any moment."""
        spheres, up = self.at(seconds), np.outer(self.radii, (0.0, 1.0, 0.0))
        return np.concatenate([spheres + up, spheres - up])


def build_body(clip: Clip) -> Body:
    """The body around the skeleton of a clip."""
    fitted = fit_body(clip)
    return Body(
        fps=clip.fps,
        spheres=fitted.spheres(),
        radii=np.array(fitted.mesh.radii),
        parts=tuple(fitted.mesh.parts),
        groups=tuple(fitted.mesh.groups),
        facing=fitted.facing,
    )
