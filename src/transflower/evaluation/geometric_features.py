"""Geometric features of a sequence (Müller et al. 2005), as AIST++ takes them: how often relations of joints hold.

The relations and thresholds are those of the released code, which has 32 of them; the paper speaks of 33.

Shape letters: T frames, S steps from frame to frame.
"""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool, Float

from transflower.evaluation.landmarks import Landmarks

FPS = 60.0
"""Frames per second of the published features."""
_COUNTED_FPS = 120.0
"""Frames per second as which the released code counts them: all its speeds are twice the true ones."""

Vectors = Float[np.ndarray, "S 3"]
Held = Bool[np.ndarray, " S"]


class _Body:
    """Landmarks of a sequence at 60 frames a second, and lengths of its body."""

    def __init__(self, points: Landmarks, lowest: Float[np.ndarray, "T"]) -> None:
        self._points = points
        self._lowest = lowest[1:]
        self.humerus = np.mean([self._length(f"{side}UpperArm", f"{side}LowerArm") for side in ("left", "right")])
        self.shoulders = self._length("leftUpperArm", "rightUpperArm")
        self.hips = self._length("leftUpperLeg", "rightUpperLeg")

    def at(self, name: str) -> Vectors:
        """Where a landmark is in all frames but the first."""
        return self._points[name][1:]

    def velocity(self, name: str) -> Vectors:
        """Metres per second, as the released code counts them."""
        return np.diff(self._points[name], axis=0) * _COUNTED_FPS

    def height(self, name: str) -> Float[np.ndarray, " S"]:
        """Above the lowest joint of the frame."""
        return self.at(name)[:, 1] - self._lowest

    def along(self, start: str, end: str, moved: Vectors) -> Float[np.ndarray, " S"]:
        """The part of vectors in the direction from one landmark to another."""
        return _part(moved, self.at(end) - self.at(start))

    def across(self, first: str, second: str, third: str, moved: Vectors) -> Float[np.ndarray, " S"]:
        """The part of vectors at right angles to the plane of three landmarks."""
        normal = np.cross(self.at(third) - self.at(first), self.at(second) - self.at(first))
        return _part(moved, normal)

    def apart(self, start: str, end: str) -> Vectors:
        """From one landmark to another."""
        return self.at(end) - self.at(start)

    def _length(self, start: str, end: str) -> float:
        return float(np.median(np.linalg.norm(self._points[end] - self._points[start], axis=-1)))


Relation = Callable[[_Body, str, str], Held]
"""Whether it holds in each frame, of one side of the body and the other."""


def _hand_leaves_plane(body: _Body, side: str, other: str) -> Held:
    """The hand moves out of the plane of neck and hips: the right one back, the left one forward, as published."""
    moved = body.velocity(f"{side}Hand") - body.velocity("neck")
    return body.across("neck", f"{side}UpperLeg", f"{other}UpperLeg", moved) > 1.8 * body.humerus


def _hand_is_above_neck(body: _Body, side: str, other: str) -> Held:
    return body.along("chest", "neck", body.apart("neck", f"{side}Hand")) > 0.2 * body.humerus


def _chest_leaves_belly(body: _Body, side: str, other: str) -> Held:
    """Published for each hand, which the released code does not look at."""
    moved = body.velocity("chest") - body.velocity("belly")
    return body.along("belly", "chest", moved) > 1.8 * body.humerus


def _elbow_is_bent(body: _Body, side: str, other: str) -> Held:
    elbow = f"{side}LowerArm"
    return _is_between(body.apart(elbow, f"{side}UpperArm"), body.apart(elbow, f"{side}Hand"), 0.0, 110.0)


def _other_hand_nears_hips(body: _Body, side: str, other: str) -> Held:
    """The other hand moves from this one in the direction in which the hips are."""
    moved = body.velocity(f"{other}Hand") - body.velocity(f"{side}Hand")
    return body.along(f"{side}Hand", "hips", moved) > 1.4 * body.humerus


def _hand_is_fast(body: _Body, side: str, other: str) -> Held:
    return np.linalg.norm(body.velocity(f"{side}Hand"), axis=-1) > 2.5 * body.humerus


def _foot_is_beyond_other(body: _Body, side: str, other: str) -> Held:
    """The ankle is off the plane of hips, other hip and other toes: the right one before, the left one behind it."""
    # The published normals point to opposite sides.
    offset = body.apart("hips", f"{side}Foot")
    return body.across("hips", f"{other}UpperLeg", f"{other}Toes", offset) > 0.38 * body.humerus


def _foot_is_high(body: _Body, side: str, other: str) -> Held:
    return body.height(f"{side}Foot") > 1.2 * body.humerus


def _knee_is_bent(body: _Body, side: str, other: str) -> Held:
    knee = f"{side}LowerLeg"
    return _is_between(body.apart(knee, f"{side}UpperLeg"), body.apart(knee, f"{side}Foot"), 0.0, 110.0)


def _foot_is_fast(body: _Body, side: str, other: str) -> Held:
    return np.linalg.norm(body.velocity(f"{side}Foot"), axis=-1) > 2.5 * body.humerus


def _arm_is_off_trunk(body: _Body, side: str, other: str) -> Held:
    return _is_between(body.apart("neck", "hips"), body.apart(f"{side}UpperArm", f"{side}LowerArm"), 25.0, 180.0)


def _thigh_is_off_trunk(body: _Body, side: str, other: str) -> Held:
    return _is_between(body.apart("neck", "hips"), body.apart(f"{side}UpperLeg", f"{side}LowerLeg"), 50.0, 180.0)


def _hand_is_low(body: _Body, side: str, other: str) -> Held:
    return body.height(f"{side}Hand") < 1.2 * body.humerus


def _hands_are_apart(body: _Body, side: str, other: str) -> Held:
    """Along the line of the shoulders."""
    return body.along("leftUpperArm", "rightUpperArm", body.apart("leftHand", "rightHand")) > 2.5 * body.shoulders


def _hands_part(body: _Body, side: str, other: str) -> Held:
    moved = body.velocity("rightHand") - body.velocity("leftHand")
    return body.along("leftHand", "rightHand", moved) > 1.4 * body.humerus


def _feet_are_apart(body: _Body, side: str, other: str) -> Held:
    """Along the line of the hips."""
    return body.along("leftUpperLeg", "rightUpperLeg", body.apart("leftFoot", "rightFoot")) > 2.1 * body.hips


def _hips_are_beyond_legs(body: _Body, side: str, other: str) -> Held:
    offset = body.apart("rightFoot", "hips")
    return body.across("rightFoot", "neck", "leftFoot", offset) > 0.5 * body.humerus


def _trunk_lies(body: _Body, side: str, other: str) -> Held:
    trunk = body.apart("neck", "hips")
    return _is_between(trunk, np.broadcast_to([0.0, 1.0, 0.0], trunk.shape), 70.0, 110.0)


def _hips_are_fast(body: _Body, side: str, other: str) -> Held:
    return np.linalg.norm(body.velocity("hips"), axis=-1) > 2.3 * body.humerus


_OF_EACH_SIDE: Mapping[str, Relation] = {
    "hand moves out of the plane of the trunk": _hand_leaves_plane,
    "hand above neck": _hand_is_above_neck,
    "chest leaves belly": _chest_leaves_belly,
    "elbow bent": _elbow_is_bent,
    "other hand nears hips": _other_hand_nears_hips,
    "hand fast": _hand_is_fast,
    "foot beyond other leg": _foot_is_beyond_other,
    "foot high": _foot_is_high,
    "knee bent": _knee_is_bent,
    "foot fast": _foot_is_fast,
    "arm off trunk": _arm_is_off_trunk,
    "thigh off trunk": _thigh_is_off_trunk,
    "hand low": _hand_is_low,
}
_OF_BOTH: Mapping[str, Relation] = {
    "hands apart": _hands_are_apart,
    "hands part": _hands_part,
    "feet apart": _feet_are_apart,
    "hips beyond legs": _hips_are_beyond_legs,
    "trunk lies": _trunk_lies,
    "hips fast": _hips_are_fast,
}
NAMES = (*(f"{side} {name}" for name in _OF_EACH_SIDE for side in ("right", "left")), *_OF_BOTH)
"""What the features say, in order."""


def geometric_features(points: Landmarks, lowest: Float[np.ndarray, "T"]) -> Float[np.ndarray, " _"]:
    """The share of the frames in which each relation holds, the first frame left out.

    Args:
        points: landmarks at 60 frames a second.
        lowest: height of the lowest joint in each frame.
    """
    body = _Body(points, lowest)
    sides = (("right", "left"), ("left", "right"))
    held = [relation(body, *pair) for relation in _OF_EACH_SIDE.values() for pair in sides]
    held += [relation(body, "right", "left") for relation in _OF_BOTH.values()]
    return np.stack(held).mean(axis=1)


def _part(vectors: Vectors, direction: Vectors) -> Float[np.ndarray, " S"]:
    """In a direction of any length; 0 where that has none."""
    length = np.linalg.norm(direction, axis=-1)
    product = (vectors * direction).sum(axis=-1)
    return np.divide(product, length, out=np.zeros_like(product), where=length > 0)


def _is_between(first: Vectors, second: Vectors, least: float, most: float) -> Held:
    """Whether the angle of two vectors is between two numbers of degrees."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    cosine = np.divide((first * second).sum(axis=-1), lengths, out=np.ones_like(lengths), where=lengths > 0)
    degrees = np.degrees(np.arccos(cosine.clip(-1, 1)))
    return np.asarray((degrees > least) & (degrees < most))
