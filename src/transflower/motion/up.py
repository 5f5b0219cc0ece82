"""Which axis of a file points up, and turning recordings that have Z up to Y up and back.

A file may have Z up in the world, and besides in its rest pose: some exporters write a skeleton that stands along Z,
some one that stands along Y and is laid over by the rotation of its root. Both end as a skeleton that stands along Y
in a world with Y up; only the first kind has all its bones turned.

Shape letters: T frames, J joints.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from transflower.core.errors import OptionsError
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton

log = logging.getLogger(__name__)

Axis = Literal["y", "z"]

_Z_TO_Y = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])
"""A quarter turn about X: (x, y, z) becomes (x, z, -y)."""

_FRAMES_LOOKED_AT = 100


def parse_up(up: str) -> Axis | None:
    """``y`` or ``z``; None for ``auto``.

    Raises:
        OptionsError: it is none of these.
    """
    if up == "auto":
        return None
    for axis in get_args(Axis):
        if up == axis:
            return axis
    raise OptionsError(f"up axis {up!r} is none of auto, y, z")


def guess_up(path: Path, clip: Clip) -> Axis:
    """The axis along which the body, from the feet to the chest, stands on average; Y when in doubt. Logged."""
    step = -(-clip.num_frames // _FRAMES_LOOKED_AT)
    tracks = {joint: track[::step] for joint, track in clip.translations.items()}
    sample = replace(clip, rotations=clip.rotations[::step], translations=tracks)
    up = _upright_axis(clip.skeleton, forward(sample)[0])
    log.info("%s: read with %s up", path, up.upper())
    return up


def rest_up(skeleton: Skeleton) -> Axis:
    """The axis along which the skeleton stands when nothing is turned; Y when in doubt."""
    return _upright_axis(skeleton, rest_positions(skeleton)[None])


def turn_skeleton(skeleton: Skeleton, *, back: bool = False) -> Skeleton:
    """The skeleton with every bone turned from Z up to Y up, or back."""
    turn = rot.inverse(_Z_TO_Y) if back else _Z_TO_Y
    sites = {}
    for joint, offset in skeleton.end_sites.items():
        x, y, z = rot.rotate(turn, np.array(offset))
        sites[joint] = (float(x), float(y), float(z))
    return replace(skeleton, offsets=rot.rotate(turn, skeleton.offsets), end_sites=sites)


def turn_clip(clip: Clip, rest: Axis, *, back: bool = False) -> Clip:
    """The recording turned from a world with Z up to one with Y up, or back; ``rest`` is the axis of its rest pose."""
    turn = rot.inverse(_Z_TO_Y) if back else _Z_TO_Y
    skeleton, rotations, translations = clip.skeleton, clip.rotations, dict(clip.translations)
    if rest == "z":
        # Bones and local frames turn with the world: world rotations become turn * q * turn^-1.
        skeleton = turn_skeleton(skeleton, back=back)
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


def _upright_axis(skeleton: Skeleton, positions: Float[np.ndarray, "T J 3"]) -> Axis:
    low, high = _feet_and_chest(skeleton)
    body = positions[:, high] - positions[:, low].mean(axis=1)
    length = np.linalg.norm(body, axis=-1, keepdims=True)
    _, y, z = (body / np.where(length > 0, length, 1.0)).mean(axis=0)
    return "z" if z > 2 * abs(y) and z > 0.5 else "y"


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
