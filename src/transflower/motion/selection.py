"""Keeping some joints of a clip.

Shape letters: T frames, J joints.
"""

from collections.abc import Sequence

import numpy as np

from transflower.core.errors import DataError
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, relative
from transflower.motion.skeleton import Skeleton

_RIGID_METRES = 1e-6


def select_joints(clip: Clip, names: Sequence[str]) -> Clip:
    """The clip with only the joints called exactly ``names``, which keep their world poses.

    The movement of a joint left out between two that are kept is composed into the lower one. Where no kept joint
    stands above all others, the lowest one that does is kept as well (``Hips`` over a list of limbs). A joint that
    loses all its children gets an end site where its first child was.

    Raises:
        DataError: no names, or one that no joint has.
    """
    skeleton = clip.skeleton
    if not names:
        raise DataError("no joint was named to be kept")
    wanted = {skeleton.index(name) for name in names}
    kept = sorted(wanted | {_common_ancestor(skeleton, wanted)})
    if len(kept) == skeleton.num_joints:
        return clip
    new_index = {joint: index for index, joint in enumerate(kept)}
    rotations, offsets = clip.rotations[:, kept], np.array(skeleton.offsets, float)[kept]
    parents, translations, world = [], {}, None
    for index, joint in enumerate(kept):
        parent = _kept_ancestor(skeleton, joint, new_index)
        parents.append(new_index.get(parent, -1))
        if skeleton.parents[joint] == parent:
            if joint in clip.translations:
                translations[index] = clip.translations[joint]
            continue
        world = world or forward(clip)
        positions, turned = world[0][:, joint], world[1][:, joint]
        if parent >= 0:
            positions, turned = relative(world[0][:, parent], world[1][:, parent], positions, turned)
        rotations[:, index], offsets[index] = turned, positions[0]
        if index == 0 or np.abs(positions - positions[0]).max() > _RIGID_METRES:
            translations[index] = positions
    kept_skeleton = Skeleton(
        tuple(skeleton.names[joint] for joint in kept), tuple(parents), offsets, _end_sites(skeleton, new_index)
    )
    return Clip(kept_skeleton, clip.fps, rotations, translations)


def _common_ancestor(skeleton: Skeleton, joints: set[int]) -> int:
    """The lowest joint that is, or stands above, every one of ``joints``."""
    paths = [_path_from_root(skeleton, joint) for joint in joints]
    return max(set(paths[0]).intersection(*paths[1:]))


def _path_from_root(skeleton: Skeleton, joint: int) -> list[int]:
    path = [joint]
    while skeleton.parents[path[-1]] >= 0:
        path.append(skeleton.parents[path[-1]])
    return path[::-1]


def _kept_ancestor(skeleton: Skeleton, joint: int, kept: dict[int, int]) -> int:
    parent = skeleton.parents[joint]
    while parent >= 0 and parent not in kept:
        parent = skeleton.parents[parent]
    return parent


def _end_sites(skeleton: Skeleton, new_index: dict[int, int]) -> dict[int, tuple[float, float, float]]:
    sites = {new_index[joint]: offset for joint, offset in skeleton.end_sites.items() if joint in new_index}
    has_children = {_kept_ancestor(skeleton, joint, new_index) for joint in new_index}
    for joint, index in new_index.items():
        if joint not in has_children and index not in sites and skeleton.children[joint]:
            x, y, z = skeleton.offsets[skeleton.children[joint][0]]
            sites[index] = (float(x), float(y), float(z))
    return sites
