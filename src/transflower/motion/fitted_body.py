"""The body mesh of a clip: proportions from its bones, and which way the trunk and the head look.

Shape letters: T frames, N points (joints, then end sites), J joints, M spheres.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.anatomy import Anatomy, Limb, points, read_anatomy
from transflower.motion.body_mesh import BodyMesh
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedBody:
    """A body mesh, and the clip that it was fitted to, in the world."""

    mesh: BodyMesh
    """Spheres and parts."""
    positions: Float[np.ndarray, "T N 3"]
    """World positions of the points in metres."""
    rotations: Float[np.ndarray, "T J 4"]
    """World rotations of the joints."""
    gaze: tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]
    """Out of the face, and to the left ear, as unit vectors of the head's own axes."""

    @property
    def facing(self) -> float:
        """Mean direction of the trunk in radians from +Z to +X; that of the first frame if the body keeps turning."""
        ahead = _ahead(self.mesh.anatomy, self.positions)
        mean = ahead.mean(axis=0)
        if np.linalg.norm(mean) < 0.5:
            mean = ahead[0]
        return float(np.arctan2(mean[0], mean[2]))

    def spheres(self, frames: slice = slice(None)) -> Float[np.ndarray, "T M 3"]:
        """World positions of the spheres in metres."""
        mesh = self.mesh
        spheres: np.ndarray = np.einsum("mn,tnc->tmc", np.array(mesh.weights), self.positions[frames])
        if mesh.off_axis:
            head = self.rotations[frames, mesh.anatomy.trunk[-1]]
            ahead, left = (rot.rotate(head, axis) for axis in self.gaze)
            for sphere, (forwards, aside) in mesh.off_axis.items():
                spheres[:, sphere] += mesh.size * (forwards * ahead + aside * left)
        return spheres


def fit_body(clip: Clip) -> FittedBody:
    """The body around the skeleton of a clip."""
    world = forward(clip)
    positions, rotations = points(clip, world), world[1]
    anatomy = read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0))
    bones = positions - positions[:, anatomy.parents]
    bones[:, 0] = clip.skeleton.offsets[0]  # the root has no parent
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    mesh = BodyMesh(anatomy, lengths, np.percentile(positions[..., 1], 5, axis=0))
    gaze = _gaze(anatomy, positions, rotations) if mesh.off_axis else (np.zeros(3), np.zeros(3))
    return FittedBody(mesh=mesh, positions=positions, rotations=rotations, gaze=gaze)


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
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Which of the head's own axes point out of its face and to its left ear.

    They differ between skeletons: out of the face is what looks where the trunk looks, averaged over the clip.
    """
    base = anatomy.trunk[-1]
    undo = rot.inverse(rotations[:, base])
    up = positions[:, base] - positions[:, anatomy.trunk[-2]]
    ahead, above = (rot.rotate(undo, axis).mean(axis=0) for axis in (_ahead(anatomy, positions), up))
    across = np.cross(above, ahead)
    gaze, left = (axis / max(float(np.linalg.norm(axis)), 1e-9) for axis in (ahead, across))
    return gaze, left


def _pair(limbs: tuple[Limb, ...]) -> tuple[int, int] | None:
    joints = {limb.side: limb.ball for limb in limbs}
    return (joints["left"], joints["right"]) if {"left", "right"} <= joints.keys() else None
