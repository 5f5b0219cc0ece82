"""Which joint is the pelvis, the head, an arm, a leg: read from the shape of any humanoid skeleton, with names to help.

A *point* is a joint or an end site: joints first, then the end sites in the order of ``skeleton.end_sites``.

Shape letters: T frames, N points.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

Side = Literal["left", "right", "middle"]

_LEFT = re.compile(r"(?i:left|(?:^|[\W_])l(?:[\W_]|$))|^L(?=[A-Z])")
_RIGHT = re.compile(r"(?i:right|(?:^|[\W_])r(?:[\W_]|$))|^R(?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class Limb:
    """An arm or a leg."""

    side: Side
    """Whose side of the body."""
    path: tuple[int, ...]
    """Points from the first one off the trunk (collar, hip) to the tip that is farthest along the bones."""
    ball: int
    """Shoulder or hip: where the first of the two long bones starts."""
    hinge: int
    """Elbow or knee."""
    end: int
    """Wrist or ankle: where the second long bone ends."""

    @property
    def extremity(self) -> tuple[int, ...]:
        """Points from the wrist or ankle to the tip."""
        return self.path[self.path.index(self.end) :]


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """The parts of a body, as indices of points."""

    parents: tuple[int, ...]
    """Parent of each point; -1 for the root."""
    pelvis: int
    """Where the legs leave the trunk."""
    head: int | None
    """The head's joint, at the base of the skull."""
    trunk: tuple[int, ...]
    """Points from the pelvis to the head, both included."""
    arms: tuple[Limb, ...]
    """Limbs that leave the trunk above the pelvis."""
    legs: tuple[Limb, ...]
    """Limbs that leave the pelvis downwards."""


def points(clip: Clip, world: kinematics.World | None = None) -> Float[np.ndarray, "T N 3"]:
    """World positions of all joints and end sites; ``world`` is ``kinematics.forward(clip)`` where it is known."""
    positions, rotations = world or kinematics.forward(clip)
    sites = clip.skeleton.end_sites
    owners = list(sites)
    tips = positions[:, owners] + rot.rotate(rotations[:, owners], np.array(list(sites.values())).reshape(-1, 3))
    return np.concatenate([positions, tips], axis=1)


def side_of(name: str) -> Side:
    """The side that a joint's name tells: ``LeftArm``, ``arm_l``, ``L_Elbow``, ``LHipJoint``.

    Example:
        >>> side_of("LeftUpLeg"), side_of("Spine")
        ('left', 'middle')
    """
    is_left, is_right = bool(_LEFT.search(name)), bool(_RIGHT.search(name))
    if is_left == is_right:
        return "middle"
    return "left" if is_left else "right"


def read_anatomy(skeleton: Skeleton, heights: Float[np.ndarray, " N"]) -> Anatomy:
    """Find the parts of a body from the typical height of each of its points (as a median over a clip).

    What cannot be found is left out, so that any tree of joints gives an answer.
    """
    parents = (*skeleton.parents, *skeleton.end_sites)
    tree = _Tree(skeleton, parents)
    head = _find_head(skeleton, tree, heights)
    lowest = min((point for point, children in enumerate(tree.children) if not children), key=lambda p: heights[p])
    above_head = tree.ancestors(head)
    shared = set(above_head)
    pelvis = next(point for point in tree.ancestors(lowest) if point in shared)
    trunk = tuple(reversed(above_head[: above_head.index(pelvis) + 1]))
    tallness = float(np.ptp(heights))
    hips, collars = _side_branches(tree, trunk, least=0.3 * tallness)
    legs = [tree.limb(start) for start in hips if heights[tree.branch(start)].min() < heights[pelvis] - 0.3 * tallness]
    arms = [tree.limb(start) for start in collars if tree.reach[start] > 0.2 * tallness]
    return Anatomy(
        parents=parents,
        pelvis=pelvis,
        head=head if len(trunk) > 1 else None,
        trunk=trunk,
        arms=tuple(limb for limb in arms if limb is not None),
        legs=tuple(limb for limb in legs if limb is not None),
    )


class _Tree:
    """Walks over the points of a skeleton."""

    def __init__(self, skeleton: Skeleton, parents: tuple[int, ...]) -> None:
        self.parents = parents
        self.children: list[list[int]] = [[] for _ in parents]
        for point, parent in enumerate(parents):
            if parent >= 0:
                self.children[parent].append(point)
        offsets = [*skeleton.offsets, *skeleton.end_sites.values()]
        self.lengths = [float(np.linalg.norm(offset)) for offset in offsets]
        self.names = [*skeleton.names, *(skeleton.names[owner] for owner in skeleton.end_sites)]
        self.rest_x = [float(offset[0]) for offset in offsets]
        self.reach = [0.0] * len(parents)
        """Length along the bones from each point to the farthest tip that hangs from it."""
        for point, parent in enumerate(parents):
            self.rest_x[point] += self.rest_x[parent] if parent >= 0 else 0.0
        for point in reversed(range(len(parents))):
            if parents[point] >= 0:
                self.reach[parents[point]] = max(self.reach[parents[point]], self.lengths[point] + self.reach[point])

    def ancestors(self, point: int) -> list[int]:
        """The point itself, its parent, and so on up to the root."""
        line = [point]
        while self.parents[line[-1]] >= 0:
            line.append(self.parents[line[-1]])
        return line

    def branch(self, start: int) -> list[int]:
        """``start`` and all that hangs from it."""
        found = [start]
        for point in found:
            found += self.children[point]
        return found

    def limb(self, start: int) -> Limb | None:
        """The limb that starts at ``start``, or None where it has no two bones of some length."""
        path = [start]
        while self.children[path[-1]]:
            path.append(max(self.children[path[-1]], key=lambda child: self.lengths[child] + self.reach[child]))
        bones = [index for index in range(1, len(path)) if self.lengths[path[index]] > 0]
        if len(bones) < 2:
            return None
        upper, lower = sorted(sorted(bones, key=lambda index: self.lengths[path[index]])[-2:])
        return Limb(
            side=self._side(path),
            path=tuple(path),
            ball=path[upper - 1],
            hinge=path[lower - 1],
            end=path[lower],
        )

    def _side(self, path: list[int]) -> Side:
        told = [side for point in path if (side := side_of(self.names[point])) != "middle"]
        if told:
            return told[0]
        x = self.rest_x[path[-1]] - self.rest_x[self.parents[path[0]]]
        return "middle" if abs(x) < 0.01 else "left" if x > 0 else "right"


def _find_head(skeleton: Skeleton, tree: _Tree, heights: np.ndarray) -> int:
    """The topmost joint that is called a head, else the highest point."""
    named = [joint for joint, name in enumerate(skeleton.names) if "head" in name.lower()]
    if named:
        return min(named, key=lambda joint: len(tree.ancestors(joint)))
    highest = int(np.argmax(heights))
    return highest if highest < skeleton.num_joints else tree.parents[highest]


def _side_branches(tree: _Tree, trunk: tuple[int, ...], *, least: float) -> tuple[list[int], list[int]]:
    """First points off the trunk: at the pelvis, and above it below the head.

    A joint between the trunk and two limbs that reach at least so far is passed over.
    """
    within = set(trunk)
    off: list[list[int]] = []
    for point in trunk:
        starts = [child for child in tree.children[point] if child not in within]
        limbs = {start: [child for child in tree.children[start] if tree.reach[child] > least] for start in starts}
        off.append([limb for start in starts for limb in (limbs[start] if len(limbs[start]) > 1 else [start])])
    return off[0], [start for starts in off[1:-1] for start in starts]
