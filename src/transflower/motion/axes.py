"""The axis that points up in a file, and turning recordings with any axis up to Y up and back.

A file may have another up axis than Y in the world, and also in its rest pose. Some exporters write a skeleton that
stands along that axis, others one that stands along Y and is turned by the rotation of its root. Both become a skeleton
that stands along Y in a world with Y up; only in the first kind are all bones turned.

Shape letters: T frames, J joints.
"""

import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from transflower.core.errors import OptionsError
from transflower.core.numbers import shorten
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton

log = logging.getLogger(__name__)

Axis = Literal["y", "-y", "z", "-z", "x", "-x"]

_HALF = np.sqrt(0.5)
_TO_Y: dict[Axis, tuple[float, float, float, float]] = {
    "y": rot.IDENTITY,
    "-y": (0.0, 1.0, 0.0, 0.0),  # a half turn about X, as between the axes of cameras and of worlds
    "z": (_HALF, -_HALF, 0.0, 0.0),  # (x, y, z) becomes (x, z, -y)
    "-z": (_HALF, _HALF, 0.0, 0.0),
    "x": (_HALF, 0.0, 0.0, _HALF),
    "-x": (_HALF, 0.0, 0.0, -_HALF),
}
"""The rotation that brings an axis to +Y."""

AXES: tuple[Axis, ...] = tuple(_TO_Y)
"""The axes that may point up."""

_SPELLING = re.compile(r"([+-]?)([xyz])(?:[ _-]?(up|down))?", re.IGNORECASE)
_FRAMES_LOOKED_AT = 100
_FIRST_SECONDS = 1.0
_CLEAR = 0.5
"""Least mean component of the direction of a body along the axis along which it stands."""
_CLEAR_LEG = 0.75
"""Least component of a leg in front along those behind."""
_LYING, _STANDING = (-0.05, 0.2), (-0.15, 0.15)
"""Metres between which the lowest joint of bodies that lie, or stand, on a floor at height 0 is."""
_FINGER = re.compile(r"thumb|index|middle|ring|pinky|little|finger|metacarp|hand|wrist|palm", re.IGNORECASE)
_LEG = re.compile(r"leg|foot|feet|ankle|knee|toe|thigh|hip|pelvis", re.IGNORECASE)


def parse_up(up: str) -> Axis | None:
    """The axis that ``up`` names: ``y``, ``-y``, ``z`` ..., also ``Z``, ``+z``, ``z-up`` and ``y down``; None for auto.

    Raises:
        OptionsError: it names none.
    """
    word = up.strip().lower()
    if word == "auto":
        return None
    match = _SPELLING.fullmatch(word)
    if match is None:
        raise OptionsError(f"up axis {shorten(up)!r} is none of auto, {', '.join(AXES)}")
    is_negative = (match[1] == "-") != (match[3] == "down")
    return next(axis for axis in AXES if axis == ("-" if is_negative else "") + match[2])


def guess_up(path: Path, clip: Clip) -> Axis:
    """The axis that ``find_up`` finds; Y when in doubt. Logged, doubts as warnings."""
    up = find_up(clip)
    if not has_body(clip.skeleton):
        log.warning("%s: no body with legs and a trunk is found; unit and Y up are guesses: --unit, --up", path)
    elif up is None:
        log.warning("%s: the body stands along no axis; read with Y up, which --up can change", path)
    else:
        log.info("%s: read with %s up", path, up.upper())
    return up or "y"


def find_up(clip: Clip) -> Axis | None:
    """The axis along which the body, from the feet to the chest, stands; None where there is no body, or no such axis.

    In most frames, else in the first second, else in the rest pose. ``clip`` is in metres. A body on four legs stands
    along those.
    """
    if not has_body(clip.skeleton):
        return None
    low, high = _feet_and_chest(clip.skeleton)
    if has_four_legs(clip.skeleton):
        high = find_motion_root(clip.skeleton)
    step = -(-clip.num_frames // _FRAMES_LOOKED_AT)
    positions = forward(_frames(clip, slice(None, None, step)))[0]
    rest = _stands_along(rest_positions(clip.skeleton)[None], low, high)
    up = _stands_along(positions, low, high)
    if up is None:
        first = _frames(clip, slice(0, max(1, round(_FIRST_SECONDS * clip.fps))))
        return _stands_along(forward(first)[0], low, high) or rest
    if up != "y" and rest == "y" and _has_floor(positions, "y", _LYING) and not _has_floor(positions, up, _STANDING):
        return "y"  # a person who lies on the floor, or stands on the hands
    return up


def rest_up(skeleton: Skeleton) -> Axis:
    """The axis along which the skeleton stands when nothing is turned; Y when in doubt."""
    low, high = _feet_and_chest(skeleton)
    high = find_motion_root(skeleton) if has_four_legs(skeleton) else high
    return _stands_along(rest_positions(skeleton)[None], low, high) or "y"


def has_four_legs(skeleton: Skeleton) -> bool:
    """Whether what leaves the trunk in front stands beside the legs when nothing is turned, as of a dog or a horse.

    Arms of people hang along the trunk, or point to the sides.
    """
    if not has_body(skeleton):
        return False
    rest = rest_positions(skeleton)
    low, high = _feet_and_chest(skeleton)
    root = find_motion_root(skeleton)
    ends = [rest[_end_of(skeleton, child)] - rest[high] for child in skeleton.children[high]]
    trunk, legs = _unit(rest[high] - rest[root]), _unit(rest[low].mean(axis=0) - rest[root])
    in_front = sum(float(_unit(end) @ legs) > _CLEAR_LEG for end in ends)
    return in_front >= 2 and abs(float(trunk @ legs)) < _CLEAR


def _unit(vector: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def has_body(skeleton: Skeleton) -> bool:
    """Whether there are legs, and a trunk from which arms or a head leave: a lone hand, a chain, a prop have none."""
    _, high = _feet_and_chest(skeleton)
    root = find_motion_root(skeleton)
    if len(skeleton.children[root]) < 2 or len(skeleton.children[high]) < 2:
        return False
    fingers = sum(bool(_FINGER.search(name)) for name in skeleton.names)
    return 2 * fingers <= skeleton.num_joints or any(_LEG.search(name) for name in skeleton.names)


def turn_skeleton(skeleton: Skeleton, up: Axis, *, back: bool = False) -> Skeleton:
    """The skeleton with every bone turned from ``up`` being up to Y up, or back."""
    turn = _turn(up, back=back)
    sites = {}
    for joint, offset in skeleton.end_sites.items():
        x, y, z = rot.rotate(turn, np.array(offset))
        sites[joint] = (float(x), float(y), float(z))
    return replace(skeleton, offsets=rot.rotate(turn, skeleton.offsets), end_sites=sites)


def turn_clip(clip: Clip, up: Axis, *, rest: Axis, back: bool = False) -> Clip:
    """The recording turned from a world with ``up`` up to one with Y up, or back.

    ``rest`` is the axis along which the skeleton stands in its rest pose; bones are turned where it is ``up``.
    """
    if up == "y":
        return clip
    turn = _turn(up, back=back)
    skeleton, rotations, translations = clip.skeleton, clip.rotations, dict(clip.translations)
    if rest == up:
        # Bones and local frames turn with the world: world rotations become turn * q * turn^-1.
        skeleton = turn_skeleton(skeleton, up, back=back)
        rotations = rot.multiply(rot.multiply(turn, rotations), rot.inverse(turn))
        translations = {joint: rot.rotate(turn, track) for joint, track in translations.items()}
    else:
        offsets = np.array(skeleton.offsets, float)
        offsets[0] = rot.rotate(turn, offsets[0])
        skeleton = replace(skeleton, offsets=offsets)
        rotations = np.array(rotations)
        rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
        translations[0] = rot.rotate(turn, translations[0])
    return replace(clip, skeleton=skeleton, rotations=rotations, translations=translations)


def _turn(up: Axis, *, back: bool) -> Float[np.ndarray, "4"]:
    turn = np.array(_TO_Y[up])
    return rot.inverse(turn) if back else turn


def _frames(clip: Clip, which: slice) -> Clip:
    tracks = {joint: track[which] for joint, track in clip.translations.items()}
    return replace(clip, rotations=clip.rotations[which], translations=tracks)


def _stands_along(positions: Float[np.ndarray, "T J 3"], low: list[int], high: int) -> Axis | None:
    """The axis of the mean direction from the feet to the chest; None where it has no clear one."""
    body = positions[:, high] - positions[:, low].mean(axis=1)
    length = np.linalg.norm(body, axis=-1, keepdims=True)
    mean = (body / np.where(length > 0, length, 1.0)).mean(axis=0)
    nearest = int(np.argmax(np.abs(mean)))
    is_clear = abs(mean[nearest]) > _CLEAR and (nearest == 1 or abs(mean[nearest]) > 2 * abs(mean[1]))
    if not is_clear:
        return None
    name = ("-" if mean[nearest] < 0 else "") + "xyz"[nearest]
    return next(axis for axis in AXES if axis == name)


def _has_floor(positions: Float[np.ndarray, "T J 3"], up: Axis, metres: tuple[float, float]) -> bool:
    """Whether the lowest joint of all frames is at height 0, where recordings have their floor."""
    heights = positions[..., "xyz".index(up[-1])] * (-1 if up[0] == "-" else 1)
    return bool(metres[0] < heights.min() < metres[1])


def _feet_and_chest(skeleton: Skeleton) -> tuple[list[int], int]:
    """The ends of the legs, and where the arms leave the trunk.

    The trunk is the largest branch of the motion root, the other branches are legs.
    """
    size = [1] * skeleton.num_joints
    for joint in reversed(range(1, skeleton.num_joints)):
        size[skeleton.parents[joint]] += size[joint]
    root = find_motion_root(skeleton)
    branches = sorted(skeleton.children[root], key=lambda child: -size[child])
    if len(branches) < 2:
        return [0], skeleton.num_joints - 1
    chest = branches[0]
    while len(skeleton.children[chest]) == 1:
        chest = skeleton.children[chest][0]
    return [_end_of(skeleton, leg) for leg in branches[1:]], chest


def _end_of(skeleton: Skeleton, joint: int) -> int:
    while skeleton.children[joint]:
        joint = skeleton.children[joint][0]
    return joint
