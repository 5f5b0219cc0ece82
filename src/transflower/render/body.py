"""A clip with a body around its bones: where the spheres of the body are at every moment, and where it faces.

Shape letters: T frames, M spheres, E ends of spheres.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.anatomy import Anatomy, Limb, points, read_anatomy
from transflower.motion.body_mesh import BodyMesh, Group, Part
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward


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
    positions, rotations = points(clip), forward(clip)[1]
    anatomy = read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0))
    bones = positions - positions[:, anatomy.parents]
    bones[:, 0] = clip.skeleton.offsets[0]  # the root has no parent
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    mesh = BodyMesh(anatomy, lengths, np.percentile(positions[..., 1], 5, axis=0))
    spheres = np.einsum("mn,tnc->tmc", np.array(mesh.weights), positions)
    if mesh.off_axis:
        gaze, left = _gaze(anatomy, positions, rotations)
        for sphere, (ahead, aside) in mesh.off_axis.items():
            spheres[:, sphere] += mesh.size * (ahead * gaze + aside * left)
    return Body(
        fps=clip.fps,
        spheres=spheres,
        radii=np.array(mesh.radii),
        parts=tuple(mesh.parts),
        groups=tuple(mesh.groups),
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
    joints = {limb.side: limb.ball for limb in limbs}
    return (joints["left"], joints["right"]) if {"left", "right"} <= joints.keys() else None
