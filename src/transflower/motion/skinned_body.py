"""A body of triangles around a skeleton in its rest pose, with the joints that each vertex follows.

The surfaces are those of the body mesh: each part is the rounded hull of its spheres. A part that lies along one bone
follows that bone alone, so that elbows and knees bend as balls and never fold in. A part that joins several bones, such
as the chest, follows them sphere by sphere.

Shape letters: T frames, J joints, N points (joints, then end sites), V vertices, F triangles, M spheres.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.body_mesh import BodyMesh, Part, Tone
from transflower.motion.clip import Clip
from transflower.motion.fitted_body import FittedBody, fit_body
from transflower.motion.kinematics import rest_positions
from transflower.motion.rounded_hull import rounded_hull
from transflower.motion.skeleton import Skeleton

MOST_JOINTS = 4
"""Joints that one vertex follows."""

_MOST_FRAMES = 200
"""Frames among which the typical pose is sought."""
_LARGEST_BONE = 1e4
"""Metres."""
_INNER = 0.97
"""Radius of a sphere in a second part of another tone: two surfaces in one place would flicker."""
_LEAST_VOLUME = 0.2
"""Joints that turn so differently that they would press a vertex's surroundings below this have one of them lead."""

Weights = dict[int, float]
"""Joint -> its share in the movement of a vertex."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SkinnedBody:
    """Triangles that follow joints."""

    skeleton: Skeleton
    """The joints."""
    positions: Float[np.ndarray, "V 3"]
    """Vertices in metres, where the skeleton is in its rest pose."""
    normals: Float[np.ndarray, "V 3"]
    """Unit vectors out of the body."""
    joints: Int[np.ndarray, "V 4"]
    """Joints that each vertex follows; 0 where it has no weight."""
    weights: Float[np.ndarray, "V 4"]
    """Shares of those joints, which add up to 1."""
    triangles: Mapping[Tone, Int[np.ndarray, "F 3"]]
    """Tone -> corners of its triangles, counter-clockwise seen from outside."""


def build_skinned_body(clip: Clip, *, is_coarse: bool = False) -> SkinnedBody:
    """The body of a clip's skeleton, of any shape; a coarse one has about a third of the triangles.

    The clip tells how the skeleton holds itself: the rest pose of many files is none that a body could take.

    Raises:
        DataError: it is larger than any body.
    """
    _check_size(clip.skeleton)
    fitted = fit_body(clip)
    frame = _typical_frame(clip)
    parts = _Parts(clip.skeleton, fitted, fitted.spheres(slice(frame, frame + 1))[0], is_coarse=is_coarse)
    for part in fitted.mesh.parts:
        parts.add(part)
    body = parts.finish()
    return _to_rest(body, fitted.positions[frame, : clip.skeleton.num_joints], fitted.rotations[frame])


def _check_size(skeleton: Skeleton) -> None:
    offsets = [*np.asarray(skeleton.offsets, float)[1:], *skeleton.end_sites.values()]
    largest = max((float(np.abs(offset).max()) for offset in offsets), default=0.0)
    if largest > _LARGEST_BONE:
        raise DataError(f"a bone of {largest:.3g} m is larger than that of any body; give the unit by --unit")


def _typical_frame(clip: Clip) -> int:
    """The frame whose local rotations are nearest to their means."""
    frames = np.unique(np.linspace(0, clip.num_frames - 1, _MOST_FRAMES).round().astype(int))
    rotations = clip.rotations[frames, 1:]
    if rotations.shape[1] == 0:
        return 0
    covariance = np.einsum("tja,tjb->jab", rotations, rotations)
    means = np.linalg.eigh(covariance)[1][..., -1]
    return int(frames[np.argmin(rot.angle_between(means, rotations).sum(axis=1))])


class _Parts:
    """Collects the vertices of the parts, in the pose that the spheres are in."""

    def __init__(
        self, skeleton: Skeleton, fitted: FittedBody, spheres: Float[np.ndarray, "M 3"], *, is_coarse: bool
    ) -> None:
        self._skeleton, self._mesh, self._spheres = skeleton, fitted.mesh, spheres
        self._is_coarse = is_coarse
        self._skin = _Skin(skeleton, fitted.mesh)
        self._radii = np.array(fitted.mesh.radii)
        self._tone_of: dict[int, Tone] = {}
        self._arrays: dict[str, list[np.ndarray]] = {"positions": [], "normals": [], "joints": [], "weights": []}
        self._triangles: dict[Tone, list[np.ndarray]] = {}
        self._num_vertices = 0

    def add(self, part: Part) -> None:
        spheres = list(dict.fromkeys(part.spheres))
        is_shared = [self._tone_of.setdefault(sphere, part.tone) != part.tone for sphere in spheres]
        radii = self._radii[spheres] * np.where(is_shared, _INNER, 1.0)
        hull = rounded_hull(self._spheres[spheres], radii, size=self._mesh.size, is_coarse=self._is_coarse)
        joints, weights = _table([self._skin.weights(part, sphere) for sphere in spheres])
        self._arrays["positions"].append(hull.positions)
        self._arrays["normals"].append(hull.normals)
        self._arrays["joints"].append(joints[hull.spheres])
        self._arrays["weights"].append(weights[hull.spheres])
        self._triangles.setdefault(part.tone, []).append(hull.triangles + self._num_vertices)
        self._num_vertices += len(hull.positions)

    def finish(self) -> SkinnedBody:
        arrays = {name: np.concatenate(parts) for name, parts in self._arrays.items()}
        triangles = {tone: np.concatenate(parts) for tone, parts in self._triangles.items()}
        return SkinnedBody(skeleton=self._skeleton, triangles=triangles, **arrays)


class _Skin:
    """Which joints the spheres of a part follow."""

    def __init__(self, skeleton: Skeleton, mesh: BodyMesh) -> None:
        self._mesh, self._parents = mesh, mesh.anatomy.parents
        self._num_joints = skeleton.num_joints

    def weights(self, part: Part, sphere: int) -> Weights:
        """The joints that a sphere follows as a piece of ``part``."""
        if sphere in self._mesh.off_axis:
            return {self._mesh.anatomy.trunk[-1]: 1.0}
        points = {point for other in part.spheres for point in self._points(other)}
        own = self._points(sphere)
        for among in (points, set(own)):
            shared = set.intersection(*(self._carriers(point) for point in among))
            if shared and (len(among) > 1 or among is points):
                return {max(shared): 1.0}
        weights: Weights = {}
        for point, share in own.items():
            joint = self._carrier(point, points)
            weights[joint] = weights.get(joint, 0.0) + share
        return weights

    def _points(self, sphere: int) -> dict[int, float]:
        """The points that a sphere lies at or between, and their shares."""
        weights = self._mesh.weights[sphere]
        positive = np.nonzero(weights > 1e-6)[0]
        return {int(point): float(weights[point] / weights[positive].sum()) for point in positive}

    def _carriers(self, point: int) -> set[int]:
        """The joints in whose frames a point never moves: itself and its parent."""
        return {joint for joint in (point, self._parents[point]) if 0 <= joint < self._num_joints}

    def _carrier(self, point: int, points: set[int]) -> int:
        """The joint itself where the part goes on below it, else its parent."""
        goes_on = any(self._is_below(other, point) for other in points)
        carriers = self._carriers(point)
        return max(carriers) if goes_on else min(carriers)

    def _is_below(self, point: int, joint: int) -> bool:
        while point >= 0:
            point = self._parents[point]
            if point == joint:
                return True
        return False


def _table(rows: list[Weights]) -> tuple[Int[np.ndarray, "M 4"], Float[np.ndarray, "M 4"]]:
    """Joints and weights as arrays, those with the largest weights first."""
    joints, weights = np.zeros((len(rows), MOST_JOINTS), int), np.zeros((len(rows), MOST_JOINTS))
    for row, shares in enumerate(rows):
        largest = sorted(shares, key=lambda joint: -shares[joint])[:MOST_JOINTS]
        joints[row, : len(largest)] = largest
        weights[row, : len(largest)] = [shares[joint] for joint in largest]
    return joints, weights / weights.sum(axis=1, keepdims=True)


def _to_rest(
    body: SkinnedBody, positions: Float[np.ndarray, "J 3"], rotations: Float[np.ndarray, "J 4"]
) -> SkinnedBody:
    """The body as it is in the rest pose, from where it is in the pose of these world positions and rotations."""
    turns = rot.to_matrix(rotations)
    shifts = positions - np.einsum("jab,jb->ja", turns, rest_positions(body.skeleton))
    turn = np.einsum("vk,vkab->vab", body.weights, turns[body.joints])
    shift = np.einsum("vk,vka->va", body.weights, shifts[body.joints])
    is_pressed = np.linalg.det(turn) < _LEAST_VOLUME
    weights = np.where(is_pressed[:, None], np.eye(MOST_JOINTS)[0], body.weights)
    turn[is_pressed], shift[is_pressed] = turns[body.joints[is_pressed, 0]], shifts[body.joints[is_pressed, 0]]
    placed = np.linalg.solve(turn, (body.positions - shift)[..., None])[..., 0]
    # A normal is turned by the transpose of what turns surfaces back.
    normals = np.einsum("vab,va->vb", turn, body.normals)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return SkinnedBody(
        skeleton=body.skeleton,
        positions=placed,
        normals=normals,
        joints=np.where(weights > 0, body.joints, 0),
        weights=weights,
        triangles=body.triangles,
    )
