"""Knees that bend backwards: a solver has taken the mirror image of the leg about the line from hip to ankle.

The side to which a knee belongs is told by the foot, and by the frames before and after.
Shape letters: T frames, S states of a leg (as it is, mirrored).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from transflower.motion import rotations as rot
from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.spans import spans
from transflower.motion.faults.take import Take
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.rig import Rig

_LEFT = np.array([1.0, 0, 0])
_CLEAR_METRES = 0.04
"""From the line between hip and ankle to a knee whose side is clear."""
_CLEAR = 0.25
_WEIGHT = 0.3
"""How much the pelvis counts in each frame, beside a knee that goes from one side to the other."""
_TURNED_OUT = 0.2
"""Cosine behind the pelvis' own side up to which a leg may be turned about itself."""
_MOST_SHARE = 0.4
"""Of the frames: knees that are backwards in more belong to another kind of body."""
_SWEEP_DEGREES, _SWEEP_DEGREES_PER_SECOND = 12.0, 1500.0
"""A knee that goes about its leg farther in a frame is on its way to the wrong side or back."""


def _find(take: Take) -> list[Fault]:
    if take.rig is None:
        return []
    faults = []
    for side in SIDES:
        leg = _Leg(take, take.rig, side)
        if leg.is_mirrored.mean() > _MOST_SHARE:
            continue
        for first, last in spans(leg.is_mirrored):
            if leg.clearness[first : last + 1].max() > _CLEAR:
                faults.append(Fault(kind="knees", first=first, last=last, what=f"the {side} knee bends backwards"))
    return sorted(faults, key=lambda fault: fault.first)


def _mend(take: Take, faults: Sequence[Fault]) -> list[Part]:
    rig, clip = take.rig, take.clip
    assert rig is not None  # where there is no body there are no faults
    local = clip.rotations.copy()
    for side in SIDES:
        if any(f"the {side} knee" in fault.what for fault in faults):
            _turn_leg(local, take, _Leg(take, rig, side))
    return [Part(replace(clip, rotations=local), 0)]


class _Leg:
    """One leg: where its knee is about the line from hip to ankle."""

    def __init__(self, take: Take, rig: Rig, side: str) -> None:
        self.side = side
        self.angle, self.clearness = _angles(take, rig, side)
        self.is_mirrored = _likeliest(self.angle, self.clearness)

    def turns(self, fps: float) -> Float[np.ndarray, " T"]:
        """By which angle the leg is to be turned about that line: half turns, and quick sweeps to and from them."""
        if not self.is_mirrored.any():
            return np.zeros(len(self.angle))
        right = np.unwrap(self.angle + np.pi * self.is_mirrored)
        steps = np.degrees(np.abs(np.diff(right)))
        is_quick = steps > max(_SWEEP_DEGREES, _SWEEP_DEGREES_PER_SECOND / fps)
        near = np.convolve(self.is_mirrored, np.ones(2 * round(0.1 * fps) + 1), "same") > 0
        is_swept = np.zeros(len(right), bool)
        is_swept[1:-1] = (is_quick[1:] | is_quick[:-1]) & near[1:-1]
        kept = np.flatnonzero(~is_swept)
        return np.interp(np.arange(len(right)), kept, right[kept]) - self.angle


def _likeliest(angle: Float[np.ndarray, " T"], clearness: Float[np.ndarray, " T"]) -> Bool[np.ndarray, " T"]:
    """Where a knee is on the wrong side: the cheapest way through all frames, with the leg as it is or mirrored."""
    behind = np.stack([-np.cos(angle), np.cos(angle)], axis=-1)
    unary = _WEIGHT * clearness[:, None] * np.clip((behind - _TURNED_OUT) / (1 - _TURNED_OUT), 0, 1)
    full = np.minimum(clearness[1:], clearness[:-1])
    stay = np.abs((np.diff(angle) + np.pi) % (2 * np.pi) - np.pi) / np.pi * full
    best = np.zeros((len(angle), 2), int)
    cost = unary[0]
    for frame in range(1, len(angle)):
        here, change = stay[frame - 1], full[frame - 1] - stay[frame - 1]
        ways = cost[None] + np.array([[here, change], [change, here]])
        best[frame] = ways.argmin(axis=1)
        cost = ways.min(axis=1) + unary[frame]
    states = np.zeros(len(angle), int)
    states[-1] = cost.argmin()
    for frame in range(len(angle) - 1, 0, -1):
        states[frame - 1] = best[frame, states[frame]]
    return states == 1


def _angles(take: Take, rig: Rig, side: str) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]:
    """By how much each knee is turned about the leg beside its foot, in radians, and how clear that is, 0 to 1."""
    positions, rotations = take.world
    joints = rig.humanoid.joints
    hip, knee, ankle = (positions[:, joints[side + bone]] for bone in ("UpperLeg", "LowerLeg", "Foot"))
    pelvis = rot.rotate(rot.multiply(rotations[:, joints["hips"]], rig.trunk_frame(joints["hips"])), _LEFT)
    along = rot.unit(ankle - hip)
    bend = rot.cross(knee - hip, ankle - knee)
    radius = np.linalg.norm(rot.cross(knee - hip, along), axis=-1)
    across = pelvis - np.sum(pelvis * along, axis=-1, keepdims=True) * along
    sine = np.sum(rot.cross(across, bend) * along, axis=-1)
    angle = np.arctan2(sine, np.sum(across * bend, axis=-1))
    return angle, np.minimum(radius / _CLEAR_METRES, 1) * np.linalg.norm(across, axis=-1)


def _turn_leg(local: Float[np.ndarray, "T J 4"], take: Take, leg: _Leg) -> None:
    """Turn a leg about the line from hip to ankle, in place."""
    rig, (positions, rotations) = take.rig, take.world
    assert rig is not None
    turns = leg.turns(take.clip.fps)
    rows = np.flatnonzero(np.abs(turns) > 1e-6)
    joints, parents = rig.humanoid.joints, rig.skeleton.parents
    upper, foot = joints[f"{leg.side}UpperLeg"], joints[f"{leg.side}Foot"]
    along = rot.unit(positions[rows, foot] - positions[rows, upper])
    turn = rot.from_expmap(turns[rows, None] * along)
    above = rotations[rows, parents[upper]]
    local[rows, upper] = rot.multiply(rot.inverse(above), rot.multiply(turn, rotations[rows, upper]))
    feet = _steady(rotations[:, foot], rig.frames[f"{leg.side}Foot"], spans(leg.is_mirrored))
    over_foot = rot.multiply(turn, rotations[rows, parents[foot]])
    local[rows, foot] = rot.multiply(rot.inverse(over_foot), feet[rows])


def _steady(
    feet: Float[np.ndarray, "T 4"], axes: Float[np.ndarray, "4"], runs: Sequence[tuple[int, int]]
) -> Float[np.ndarray, "T 4"]:
    """World rotations of a foot, which may have made a half turn about one of its axes together with the leg."""
    halves = np.concatenate([[rot.IDENTITY], rot.from_expmap(np.pi * np.eye(3))])
    halves = rot.multiply(rot.multiply(axes, halves), rot.inverse(axes))
    steady = feet.copy()
    for first, last in runs:
        ends = [(first - 1, first), (last + 1, last)]
        gaps = [
            rot.angle_between(feet[outside], rot.multiply(feet[inside], halves))
            for outside, inside in ends
            if 0 <= outside < len(feet)
        ]
        if gaps:
            best = halves[np.sum(gaps, axis=0).argmin()]
            steady[first : last + 1] = rot.multiply(feet[first : last + 1], best)
    return steady


KNEES = Detector(name="knees", about="knees that bend backwards", find=_find, mend=_mend)
