"""The surface around a few spheres: their convex hull, as triangles with smooth normals.

Shape letters: M spheres, V vertices, F triangles, D directions.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import scipy  # scipy.spatial is imported when it is first used
from jaxtyping import Float, Int

_FINE_RADIUS = 0.03
"""Spheres of an adult that are larger than this, in metres, get the fine tessellation."""
_FINE_RING, _COARSE_RING = 20, 10
"""Vertices around a cone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RoundedHull:
    """Triangles whose corners lie on spheres."""

    positions: Float[np.ndarray, "V 3"]
    """Vertices."""
    normals: Float[np.ndarray, "V 3"]
    """Unit vectors out of the surface."""
    spheres: Int[np.ndarray, " V"]
    """The sphere on which each vertex lies."""
    triangles: Int[np.ndarray, "F 3"]
    """Corners, counter-clockwise seen from outside."""


def rounded_hull(
    centres: Float[np.ndarray, "M 3"], radii: Float[np.ndarray, " M"], *, size: float = 1.0, is_coarse: bool = False
) -> RoundedHull:
    """The convex hull of spheres.

    Args:
        centres: their middles.
        radii: their radii.
        size: how many times larger than an adult the body is.
        is_coarse: about a third of the triangles.
    """
    fine = (radii > _FINE_RADIUS * size) & (not is_coarse)
    directions = [_directions(2 if is_fine else 1) for is_fine in fine]
    owners = [np.full(len(part), sphere) for sphere, part in enumerate(directions)]
    for a, b in combinations(range(len(radii)), 2):
        ring = _ring(centres[b] - centres[a], radii[a] - radii[b], _FINE_RING if fine[a] else _COARSE_RING)
        directions += [ring, ring]
        owners += [np.full(len(ring), sphere) for sphere in (a, b)]
    return _hull(centres, radii, np.concatenate(directions), np.concatenate(owners))


def _ring(way: Float[np.ndarray, "3"], narrowing: float, count: int) -> Float[np.ndarray, "D 3"]:
    """Directions in which the cone around two spheres touches both; none where one sphere holds the other."""
    length = float(np.linalg.norm(way))
    if length <= abs(narrowing) * (1 + 1e-6) or length == 0:
        return np.zeros((0, 3))
    axis = way / length
    aside = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    aside /= np.linalg.norm(aside)
    angles = 2 * np.pi * np.arange(count) / count
    around = np.outer(np.cos(angles), aside) + np.outer(np.sin(angles), np.cross(axis, aside))
    cosine = narrowing / length
    return cosine * axis + np.sqrt(1 - cosine**2) * around


def _hull(
    centres: Float[np.ndarray, "M 3"],
    radii: Float[np.ndarray, " M"],
    normals: Float[np.ndarray, "D 3"],
    owners: Int[np.ndarray, " D"],
) -> RoundedHull:
    middle = centres.mean(axis=0)
    points = (centres - middle)[owners] + radii[owners, None] * normals
    # Qhull compares with lengths around 1.
    try:
        hull = scipy.spatial.ConvexHull(points / np.abs(points).max())
    except scipy.spatial.QhullError:
        # Spheres so far apart that they are points in comparison: the largest stands for all.
        largest = int(np.argmax(radii))
        return _hull(centres[[largest]], radii[[largest]], _directions(1), np.full(len(_directions(1)), 0))
    triangles = _outwards(hull, points)
    used, corners = np.unique(triangles, return_inverse=True)
    return RoundedHull(
        positions=points[used] + middle,
        normals=normals[used],
        spheres=owners[used],
        triangles=corners.reshape(-1, 3),
    )


def _outwards(hull: "scipy.spatial.ConvexHull", points: np.ndarray) -> Int[np.ndarray, "F 3"]:
    """The triangles with their corners in the order that shows their outer side."""
    triangles = hull.simplices.copy()
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    is_inward = np.sum(np.cross(b - a, c - a) * hull.equations[:, :3], axis=1) < 0
    triangles[is_inward] = triangles[is_inward][:, ::-1]
    return triangles


@cache
def _directions(level: int) -> Float[np.ndarray, "D 3"]:
    """Corners of an icosahedron whose triangles were divided into four ``level`` times."""
    golden = (1 + np.sqrt(5)) / 2
    corners = np.array([(0, a, b * golden) for a in (-1, 1) for b in (-1, 1)])
    corners = np.concatenate([np.roll(corners, shift, axis=1) for shift in range(3)])
    corners /= np.linalg.norm(corners[0])
    for _ in range(level):
        faces = scipy.spatial.ConvexHull(corners).simplices
        edges = np.unique(np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)), axis=0)
        middles = corners[edges].mean(axis=1)
        corners = np.concatenate([corners, middles / np.linalg.norm(middles, axis=1, keepdims=True)])
    return corners
