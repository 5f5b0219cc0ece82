"""Columns of a BVH file <-> rotations and translations, in the file's own units and axes.

Shape letters: T frames, J joints, K channels (columns).
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from transflower.formats.bvh_layout import DEFAULT_POSITIONS, DEFAULT_ROTATIONS
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

_SAME_RADIANS = 1e-7
_SAME_UNITS = 1e-7


def to_tracks(
    skeleton: Skeleton, channels: Sequence[tuple[str, ...]], values: Float[np.ndarray, "T K"]
) -> tuple[Float[np.ndarray, "T J 4"], dict[int, Float[np.ndarray, "T 3"]]]:
    """Local rotations, and the translations of the root and of every joint with a position channel.

    A position channel takes the place of that component of the joint's offset.
    """
    starts = np.cumsum([0, *(len(names) for names in channels)])
    rotations = rot.identity(len(values), skeleton.num_joints)
    translations: dict[int, Float[np.ndarray, "T 3"]] = {}
    joints_of_order: dict[str, list[int]] = defaultdict(list)
    columns_of_order: dict[str, list[list[int]]] = defaultdict(list)
    for joint, names in enumerate(channels):
        columns = {name: int(starts[joint]) + index for index, name in enumerate(names)}
        positions = {name: column for name, column in columns.items() if name.endswith("position")}
        if positions or joint == 0:
            translations[joint] = np.tile(skeleton.offsets[joint], (len(values), 1))
            for name, column in positions.items():
                translations[joint][:, "XYZ".index(name[0])] = values[:, column]
        order = rotation_order(names)
        if order:
            joints_of_order[order].append(joint)
            columns_of_order[order].append([columns[f"{axis}rotation"] for axis in order])
    for order, joints in joints_of_order.items():
        rotations[:, joints] = rot.from_euler(np.radians(values[:, columns_of_order[order]]), order)
    return rotations, translations


def to_columns(clip: Clip, joint: int, names: tuple[str, ...]) -> tuple[tuple[str, ...], Float[np.ndarray, "T K"]]:
    """Channel values of one joint, and its channels: ``names`` and those that it needs beside them."""
    offset = clip.skeleton.offsets[joint]
    translation = clip.translations.get(joint, np.tile(offset, (clip.num_frames, 1)))
    order, angles = _angles(clip.rotations[:, joint], rotation_order(names))
    needed = [f"{axis}rotation" for axis in order if f"{axis}rotation" not in names]
    moved = np.abs(translation - offset).max(axis=0) > _SAME_UNITS
    positions = [
        name for name, is_moved in zip(DEFAULT_POSITIONS, moved, strict=True) if is_moved and name not in names
    ]
    names = (*positions, *names, *needed)
    columns = [
        translation[:, "XYZ".index(name[0])] if name.endswith("position") else angles[:, order.index(name[0])]
        for name in names
    ]
    return names, np.stack(columns, axis=1) if columns else np.empty((clip.num_frames, 0))


def rotation_order(names: Sequence[str]) -> str:
    """The axes of the rotation channels among ``names``, as ``"ZXY"``; a hinge has one."""
    return "".join(name[0] for name in names if name.endswith("rotation"))


def _angles(rotations: Float[np.ndarray, "T 4"], order: str) -> tuple[str, Float[np.ndarray, "T K"]]:
    """Euler angles in degrees, unwrapped over time, and their axes: ``order`` completed if it is not enough."""
    full = order + "".join(name[0] for name in DEFAULT_ROTATIONS if name[0] not in order)
    angles = rot.to_euler(rotations, full)
    if len(order) == 2:
        # The other solution has no third angle where the second lies beyond a right angle.
        is_beyond = np.abs(angles[:, 2:]) > np.pi / 2
        angles = np.where(is_beyond, angles * [1, -1, 1] + np.pi, angles)
        angles = np.mod(angles + np.pi, 2 * np.pi) - np.pi
    is_enough = bool(np.all(np.abs(angles[:, len(order) :]) < _SAME_RADIANS))
    order = order if is_enough else full
    return order, np.degrees(np.unwrap(angles[:, : len(order)], axis=0))
