"""How deep arms and legs are in other parts of the same body.

Parts of the body are those of its mesh: rounded shapes around spheres, here the cones between each two of them.

Shape letters: T frames, C cones, P pairs of cones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from jaxtyping import Float

from transflower.motion.anatomy import Limb
from transflower.motion.body_mesh import BodyMesh, Part
from transflower.motion.clip import Clip
from transflower.motion.fitted_body import fit_body

Ends = Float[np.ndarray, "T P 3"]
Radii = tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]
Cones = tuple[tuple[int, int], ...]
"""The spheres at both ends of each."""


@dataclass(frozen=True, kw_only=True)
class _Regions:
    """The cones of a body by where they are; arms and legs in the order of its limbs."""

    trunk: Cones
    head: Cones
    upper_arms: tuple[Cones, ...]
    forearms: tuple[Cones, ...]
    """With the hands."""
    thighs: tuple[Cones, ...]
    shins: tuple[Cones, ...]
    """With the feet."""

    def pairs(self) -> list[tuple[Cones, Cones]]:
        """What must not be in each other; neighbours always are."""
        found = [(forearm, other) for forearm in self.forearms for other in (self.trunk, self.head)]
        found += list(product(self.forearms, (*self.thighs, *self.shins)))
        found += list(combinations(self.forearms, 2)) + list(combinations(self.shins, 2))
        for lower, upper in ((self.forearms, self.upper_arms), (self.shins, self.thighs)):
            found += [(one, other) for i, one in enumerate(lower) for j, other in enumerate(upper) if i != j]
        return found


def contact_depth(clip: Clip) -> Float[np.ndarray, "T"]:
    """How many metres the deepest arm or leg is inside another part of the body; 0 where none is.

    Compared are forearms and hands with trunk, head, legs and the other arm, and shins and feet with the other leg.
    """
    body = fit_body(clip)
    cones = [(one, other) for first, second in _regions(body.mesh).pairs() for one, other in product(first, second)]
    if not cones:
        return np.zeros(clip.num_frames)
    spheres, radii = body.spheres(), np.array(body.mesh.radii)
    (start, end), (other_start, other_end) = np.array(cones).transpose(1, 2, 0)
    deepest = [
        overlap(part[:, start], part[:, end], part[:, other_start], part[:, other_end],
                 (radii[start], radii[end]), (radii[other_start], radii[other_end])).max(axis=1)
        for part in np.array_split(spheres, max(1, len(spheres) // 256))
    ]  # fmt: skip
    return np.concatenate(deepest).clip(min=0)


def overlap(
    start: Ends, end: Ends, other_start: Ends, other_end: Ends, radii: Radii, other_radii: Radii
) -> Float[np.ndarray, "T P"]:
    """How deep rounded cones are in each other: the sum of the radii where their axes are nearest, minus the distance.

    Negative where they are apart.

    Args:
        start: middles of one end of each first cone.
        end: of its other end.
        other_start: of one end of each second cone.
        other_end: of its other end.
        radii: at both ends of the first cones.
        other_radii: at those of the second ones.
    """
    along, other_along, apart = end - start, other_end - other_start, start - other_start
    a, e = _dot(along, along).clip(min=1e-12), _dot(other_along, other_along).clip(min=1e-12)
    b, c, f = _dot(along, other_along), _dot(along, apart), _dot(other_along, apart)
    # The nearest points of two lines, each kept within its segment.
    share = ((b * f - c * e) / (a * e - b * b).clip(min=1e-12)).clip(0, 1)
    other_share = (b * share + f) / e
    kept = other_share.clip(0, 1)
    share = np.where(kept == other_share, share, ((b * kept - c) / a).clip(0, 1))
    nearest = start + share[..., None] * along - other_start - kept[..., None] * other_along
    reach = radii[0] + share * (radii[1] - radii[0]) + other_radii[0] + kept * (other_radii[1] - other_radii[0])
    return np.asarray(reach - np.linalg.norm(nearest, axis=-1))


def _regions(mesh: BodyMesh) -> _Regions:
    anatomy = mesh.anatomy
    trunk = {*anatomy.trunk, *(limb.ball for limb in (*anatomy.arms, *anatomy.legs))}
    return _Regions(
        trunk=_cones(part for part in mesh.parts if _points(mesh, part) <= trunk and not _is_head(mesh, part)),
        head=_cones(part for part in mesh.parts if _is_head(mesh, part) and part.tone != "face"),
        upper_arms=tuple(_cones(_upper(mesh, limb)) for limb in anatomy.arms),
        forearms=tuple(_cones(_lower(mesh, limb)) for limb in anatomy.arms),
        thighs=tuple(_cones(_upper(mesh, limb)) for limb in anatomy.legs),
        shins=tuple(_cones(_lower(mesh, limb)) for limb in anatomy.legs),
    )


def _cones(parts: Iterable[Part]) -> Cones:
    return tuple(pair for part in parts for pair in combinations(part.spheres, 2))


def _upper(mesh: BodyMesh, limb: Limb) -> list[Part]:
    return [part for part in mesh.parts if _points(mesh, part) == {limb.ball, limb.hinge}]


def _lower(mesh: BodyMesh, limb: Limb) -> list[Part]:
    branch = {limb.hinge, limb.end}
    for point, parent in enumerate(mesh.anatomy.parents):
        if parent in branch - {limb.hinge}:
            branch.add(point)
    return [part for part in mesh.parts if _points(mesh, part) <= branch]


def _points(mesh: BodyMesh, part: Part) -> set[int]:
    return {int(point) for sphere in part.spheres for point in np.flatnonzero(mesh.weights[sphere])}


def _is_head(mesh: BodyMesh, part: Part) -> bool:
    return any(sphere in mesh.off_axis for sphere in part.spheres)


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.einsum("...c,...c->...", first, second)
