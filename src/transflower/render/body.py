"""A clip with flesh on: where its balls are at every moment, and where it looks.

Shape letters: T frames, M balls, E ends of balls.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.anatomy import Anatomy, Limb, points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.render.flesh import Flesh, Group, Part


@dataclass(frozen=True, kw_only=True, eq=False)
class Body:
    """A clip with flesh on."""

    fps: float
    """Frames per second."""
    balls: Float[np.ndarray, "T M 3"]
    """World positions of the balls in metres."""
    radii: Float[np.ndarray, " M"]
    """Radii of the balls in metres."""
    parts: tuple[Part, ...]
    """Shapes that wrap the balls."""
    groups: tuple[Group, ...]
    """The pieces that the parts form."""
    facing: float
    """Direction in which the body mostly looks, in radians from +Z towards +X."""

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.balls) / self.fps

    def at(self, seconds: float) -> Float[np.ndarray, "M 3"]:
        """Positions of the balls at any moment, between frames on a straight line."""
        frame = np.clip(seconds * self.fps, 0, len(self.balls) - 1)
        before = int(frame)
        after = min(before + 1, len(self.balls) - 1)
        return np.asarray(self.balls[before] + (frame - before) * (self.balls[after] - self.balls[before]))

    def ends_at(self, seconds: float) -> Float[np.ndarray, "E 3"]:
        """Tops and bottoms of the balls at any moment."""
        balls, up = self.at(seconds), np.outer(self.radii, (0.0, 1.0, 0.0))
        return np.concatenate([balls + up, balls - up])


def flesh_out(clip: Clip) -> Body:
    """Put flesh on the skeleton of a clip."""
    positions, rotations = points(clip), forward(clip)[1]
    anatomy = read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0))
    bones = positions - positions[:, anatomy.parents]
    bones[:, 0] = clip.skeleton.offsets[0]  # the root has no parent
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    flesh = Flesh(anatomy, lengths, np.percentile(positions[..., 1], 5, axis=0))
    balls = np.einsum("mn,tnc->tmc", np.array(flesh.weights), positions)
    if flesh.off_axis:
        gaze, left = _gaze(anatomy, positions, rotations)
        for ball, (ahead, aside) in flesh.off_axis.items():
            balls[:, ball] += flesh.size * (ahead * gaze + aside * left)
    return Body(
        fps=clip.fps,
        balls=balls,
        radii=np.array(flesh.radii),
        parts=tuple(flesh.parts),
        groups=tuple(flesh.groups),
        facing=_facing(anatomy, positions),
    )


def _facing(anatomy: Anatomy, positions: np.ndarray) -> float:
    """Mean direction in which the trunk looks; that of the first frame if the body keeps turning."""
    ahead = _ahead(anatomy, positions)
    mean = ahead.mean(axis=0)
    if np.linalg.norm(mean) < 0.5:
        mean = ahead[0]
    return float(np.arctan2(mean[0], mean[2]))


def _ahead(anatomy: Anatomy, positions: np.ndarray) -> Float[np.ndarray, "T 3"]:
    """Where the trunk looks in each frame, along the floor: across shoulders and hips, turned by a quarter."""
    pairs = [_pair(anatomy.arms), _pair(anatomy.legs)]
    across = np.zeros((len(positions), 3))
    for left, right in filter(None, pairs):
        across += positions[:, left] - positions[:, right]
    ahead = np.stack([-across[:, 2], np.zeros(len(across)), across[:, 0]], axis=1)
    return np.asarray(ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9))


def _gaze(
    anatomy: Anatomy, positions: np.ndarray, rotations: np.ndarray
) -> tuple[Float[np.ndarray, "T 3"], Float[np.ndarray, "T 3"]]:
    """Where the head looks in each frame, and where its left ear is.

    Which of a head's own axes points out of its face differs between skeletons: it is the one that looks where the
    trunk looks, averaged over the clip.
    """
    base = anatomy.trunk[-1]
    undo = rot.inverse(rotations[:, base])
    up = positions[:, base] - positions[:, anatomy.trunk[-2]]
    ahead, above = (rot.rotate(undo, axis).mean(axis=0) for axis in (_ahead(anatomy, positions), up))
    across = np.cross(above, ahead)
    gaze, left = (axis / max(float(np.linalg.norm(axis)), 1e-9) for axis in (ahead, across))
    return rot.rotate(rotations[:, base], gaze), rot.rotate(rotations[:, base], left)


def _pair(limbs: tuple[Limb, ...]) -> tuple[int, int] | None:
    balls = {limb.side: limb.ball for limb in limbs}
    return (balls["left"], balls["right"]) if {"left", "right"} <= balls.keys() else None
