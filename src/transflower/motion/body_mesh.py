"""A body around the bones of a skeleton: spheres at and between the joints, wrapped into parts.

The middle of a *sphere* is a weighted sum of joints and end sites. A *part* (thigh, chest, palm) is the convex hull of
a few spheres. A *group* (arm, leg, trunk, head) is drawn as one piece. Proportions follow the length of the body, so
any humanoid skeleton works; bones that belong to no known part get a thin capsule.

Shape letters: N points (joints, then end sites).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from transflower.motion.anatomy import Anatomy, Limb

ADULT_HEIGHT = 1.7
"""Height of a body, in metres, to which the radii below belong."""

LEG_SETBACK = 0.1
"""How much nearer than the trunk a leg must be to cover it, in metres."""

Tone = Literal["left", "right", "trunk", "face"]


@dataclass(frozen=True)
class Part:
    """A rounded shape."""

    spheres: tuple[int, ...]
    """Spheres that it wraps."""
    tone: Tone
    """Which of the dancer's colours it has."""
    group: int
    """The piece that it is drawn with."""


@dataclass(frozen=True)
class Group:
    """Parts that are drawn as one piece."""

    spheres: tuple[int, ...]
    """Spheres whose mean depth decides what the piece covers."""
    setback: float
    """Metres that it counts as farther away."""


class BodyMesh:
    """Spheres and parts of one skeleton. All lengths below are those of an adult, in metres."""

    def __init__(self, anatomy: Anatomy, lengths: Float[np.ndarray, " N"], low: Float[np.ndarray, " N"]) -> None:
        """Build all groups.

        Args:
            anatomy: parts of the body.
            lengths: length of the bone that ends at each point, in metres.
            low: height of each point when it is low: the toes on the floor, say.
        """
        self.anatomy, self.lengths, self.low = anatomy, lengths, low
        self.size = self._measure() / ADULT_HEIGHT
        """Metres of this body that one metre below stands for."""
        self.weights: list[Float[np.ndarray, " N"]] = []
        """For each sphere, the weights of the points whose sum is its middle."""
        self.radii: list[float] = []
        """For each sphere, its radius in metres."""
        self.off_axis: dict[int, tuple[float, float]] = {}
        """Spheres of the head -> how far they lie before its axis, and to the left of it."""
        self.parts: list[Part] = []
        """Shapes that wrap the spheres."""
        self.groups: list[Group] = []
        """The pieces that the parts form."""
        # Points whose bone, the one that ends there, is part of something or no bone of the body.
        self._covered = {point for limb in (*anatomy.legs, *anatomy.arms) for point in limb.path}
        if anatomy.legs:
            # What lies above the pelvis in the hierarchy is a helper of the recording.
            self._covered.update(self._line(anatomy.pelvis))
        self._build()

    def _build(self) -> None:
        for limb in self.anatomy.legs:
            self._leg(limb)
        if len(self.anatomy.trunk) > 1:
            self._trunk()
            self._head()
        for limb in self.anatomy.arms:
            self._arm(limb)
        self._rest()

    def _measure(self) -> float:
        """Length of the body from foot to crown, along the bones."""
        leg = max((self._length(limb.path[: limb.path.index(limb.end) + 1]) for limb in self.anatomy.legs), default=0.0)
        trunk = self._length(self.anatomy.trunk[1:])
        standing = leg + trunk
        return 1.12 * standing if standing > 0 else max(float(self.lengths.sum()) / 2, 1e-3)

    def _length(self, path: tuple[int, ...]) -> float:
        return float(sum(self.lengths[point] for point in path))

    def _sphere(self, radius: float, *terms: tuple[int, float]) -> int:
        """Add a sphere at the weighted sum of points; the radius is that of an adult."""
        weights = np.zeros(len(self.lengths))
        for point, weight in terms:
            weights[point] += weight
        self.weights.append(weights)
        self.radii.append(radius * self.size)
        return len(self.weights) - 1

    def _at(self, point: int, radius: float) -> int:
        """Add a sphere at a point."""
        return self._sphere(radius, (point, 1.0))

    def _between(self, start: int, stop: int, share: float, radius: float) -> int:
        """Add a sphere on the line through two points."""
        return self._sphere(radius, (start, 1 - share), (stop, share))

    def _beyond(self, start: int, bone: int, metres: float, radius: float, *more: tuple[int, float]) -> int:
        """Add a sphere at some way from ``start`` in the direction of the bone that ends at the point ``bone``."""
        steps = metres * self.size / max(float(self.lengths[bone]), 1e-6)
        return self._sphere(radius, (start, 1.0), (bone, steps), (self.anatomy.parents[bone], -steps), *more)

    def _group(self, *spheres: int, setback: float = 0.0) -> int:
        """Start a group."""
        self.groups.append(Group(spheres, setback * self.size))
        return len(self.groups) - 1

    def _part(self, tone: Tone, group: int, *spheres: int) -> None:
        """Add a part."""
        self.parts.append(Part(spheres, tone, group))

    def _leg(self, limb: Limb) -> None:
        tone = _tone(limb)
        hip, knee, ankle = self._at(limb.ball, 0.083), self._at(limb.hinge, 0.052), self._at(limb.end, 0.036)
        # The trunk covers the thigh of who stands, whichever hip is nearer, but not a leg that is lifted towards us.
        group = self._group(hip, knee, setback=LEG_SETBACK)
        self._part(tone, group, hip, knee)
        self._part(tone, group, knee, self._between(limb.hinge, limb.end, 0.3, 0.054), ankle)
        self._foot(limb, group)

    def _foot(self, limb: Limb, group: int) -> None:
        toes = [point for point in limb.extremity[1:] if self.lengths[point] > 0.01 * self.size]
        if not toes:
            return
        # Below the ankle along the shin, a little behind it, and on the floor when the toes are.
        height = float(np.clip((self.low[limb.end] - self.low[toes[0]]) / self.size, 0.01, 0.1))
        heel = self._beyond(limb.end, limb.end, 1.2 * height, 0.04, (limb.end, 0.2), (toes[0], -0.2))
        tips = [self._at(point, 0.04 if index == 0 else 0.03) for index, point in enumerate(toes)]
        self._part("trunk", group, self._sphere(0.041, (limb.end, 1.0)), heel, tips[0])
        for start, stop in pairwise(tips):
            self._part("trunk", group, start, stop)

    def _trunk(self) -> None:
        trunk = self.anatomy.trunk
        chest_index = max((trunk.index(self.anatomy.parents[arm.path[0]]) for arm in self.anatomy.arms), default=-2)
        spine = trunk[: chest_index + 1] if chest_index > 0 else trunk[:-1] or trunk
        pelvis, chest = self._at(trunk[0], 0.1), self._at(spine[-1], 0.09)
        waist = self._along(spine, 0.42, 0.092)
        ribs = self._along(spine, 0.72, 0.108)
        group = self._group(pelvis, waist, chest)
        hips = [self._sphere(0.078, (leg.ball, 0.85), (trunk[0], 0.15)) for leg in self.anatomy.legs]
        hips += self._seat(spine)
        shoulders = [self._sphere(0.056, (arm.ball, 0.9), (spine[-1], 0.1)) for arm in self.anatomy.arms]
        self._part("trunk", group, pelvis, waist, *hips)
        self._part("trunk", group, waist, ribs)
        self._part("trunk", group, ribs, chest, *shoulders)
        neck = self._along(trunk[len(spine) - 1 :], 0.35, 0.058)
        self._part("trunk", group, chest, neck)
        self._part("trunk", group, neck, self._sphere(0.046, (trunk[-1], 1.0)))
        self._covered.update(trunk)

    def _seat(self, spine: tuple[int, ...]) -> list[int]:
        """A sphere between the hips and a little lower, so that the trunk narrows towards the legs."""
        legs = self.anatomy.legs
        bone = next((point for point in spine[1:] if self.lengths[point] > 0.01 * self.size), None)
        if not legs or bone is None:
            return []
        down = 0.05 * self.size / self.lengths[bone]
        hips = [(leg.ball, 1 / len(legs)) for leg in legs]
        return [self._sphere(0.06, *hips, (bone, -down), (self.anatomy.parents[bone], down))]

    def _along(self, path: tuple[int, ...], share: float, radius: float) -> int:
        """Add a sphere at a share of the way along a path of points."""
        if len(path) == 1:
            return self._sphere(radius, (path[0], 1.0))
        ways = np.concatenate([[0.0], np.cumsum([max(self.lengths[point], 1e-6) for point in path[1:]])])
        place = np.interp(share * ways[-1], ways, np.arange(len(path)))
        start = min(int(place), len(path) - 2)
        return self._between(path[start], path[start + 1], float(place - start), radius)

    def _head(self) -> None:
        base = self.anatomy.trunk[-1]
        tips = [point for point, parent in enumerate(self.anatomy.parents) if parent == base]
        crown = max(tips, key=lambda point: self.lengths[point], default=base)
        # Without a tip of some length the skull continues the neck.
        bone = crown if 0.05 < self.lengths[crown] / self.size < 0.4 else base
        skull, jaw = self._beyond(base, bone, 0.13, 0.095), self._beyond(base, bone, 0.055, 0.062)
        self.off_axis.update({skull: (-0.01, 0.0), jaw: (0.035, 0.0)})
        self._part("trunk", self._group(jaw, skull), jaw, skull)
        visor = [self._beyond(base, bone, 0.115, 0.030) for _ in range(2)]
        self.off_axis.update(zip(visor, ((0.063, 0.045), (0.063, -0.045)), strict=True))
        self._part("face", self._group(*visor), *visor)
        self._covered.update(self._branch(base))

    def _arm(self, limb: Limb) -> None:
        tone = _tone(limb)
        shoulder, elbow, wrist = self._at(limb.ball, 0.056), self._at(limb.hinge, 0.04), self._at(limb.end, 0.027)
        group = self._group(elbow, wrist)
        self._part(tone, group, shoulder, elbow)
        self._part(tone, group, elbow, self._between(limb.hinge, limb.end, 0.25, 0.043), wrist)
        self._hand(limb, group, wrist)

    def _hand(self, limb: Limb, group: int, wrist: int) -> None:
        fingers = [point for point in self._branch(limb.end)[1:] if self.lengths[point] > 0.005 * self.size]
        knuckles = [point for point in fingers if self._first_above(point, fingers) is None]
        if len(fingers) < 3:
            reach = self.lengths[fingers[0]] / self.size if fingers else 0.0
            reach = float(np.clip(reach, 0.13, 0.2))
            bone = fingers[0] if fingers else limb.end
            palm, tip = self._beyond(limb.end, bone, 0.45 * reach, 0.036), self._beyond(limb.end, bone, reach, 0.016)
            self._part("trunk", group, wrist, palm)
            self._part("trunk", group, palm, tip)
        else:
            self._part("trunk", group, wrist, *(self._sphere(0.018, (point, 1.0)) for point in knuckles))
            for point in fingers:
                above = self._first_above(point, fingers)
                if above is not None:
                    self._part("trunk", group, self._sphere(0.0125, (above, 1.0)), self._sphere(0.01, (point, 1.0)))
        self._covered.update(self._branch(limb.end))

    def _first_above(self, point: int, candidates: list[int]) -> int | None:
        """The nearest ancestor among ``candidates``."""
        return next((above for above in self._line(point)[1:] if above in candidates), None)

    def _branch(self, start: int) -> list[int]:
        """``start`` and all that hangs from it."""
        branch = {start}
        for point in range(start + 1, len(self.anatomy.parents)):
            if self.anatomy.parents[point] in branch:
                branch.add(point)
        return sorted(branch)

    def _line(self, point: int) -> list[int]:
        """A point and its ancestors."""
        line = []
        while point >= 0:
            line.append(point)
            point = self.anatomy.parents[point]
        return line

    def _rest(self) -> None:
        """Thin capsules for every bone that no part covers, so that any tree of joints can be seen."""
        for point, parent in enumerate(self.anatomy.parents):
            if parent < 0 or point in self._covered or self.lengths[point] < 1e-6:
                continue
            radius = float(np.clip(0.15 * self.lengths[point] / self.size, 0.01, 0.05))
            start, stop = self._sphere(radius, (parent, 1.0)), self._sphere(radius, (point, 1.0))
            self._part("trunk", self._group(start, stop), start, stop)
        if not self.parts:
            lone = self._sphere(0.1, (0, 1.0))
            self._part("trunk", self._group(lone), lone)


def _tone(limb: Limb) -> Tone:
    return "trunk" if limb.side == "middle" else limb.side
