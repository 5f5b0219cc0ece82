"""Which columns of motion are of the root, the legs, the torso, the arms and the head.

Shape letters: D columns, N columns of a group.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Int

from transflower.data.store import Store
from transflower.evaluation.system import Setting
from transflower.motion.anatomy import Anatomy, points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton

ALL = "all"
"""The group of all columns."""
_PARTS = ("root", "legs", "torso", "arms", "head")


def column_groups(setting: Setting) -> dict[str, Int[np.ndarray, " N"]]:
    """Groups of the columns of the output of a setting, as on disk; without a body, only ``all``."""
    dim = setting.moments[0].shape[0]
    names = (Store(setting.data).sidecar(setting.output) or {}).get("names", ())
    clip = next((one.clip for samples in setting.real.values() for one in samples if one.clip is not None), None)
    groups = {ALL: np.arange(dim)}
    return groups if clip is None or len(names) != dim else groups | group_columns(names, clip)


def group_columns(names: Sequence[str], clip: Clip) -> dict[str, Int[np.ndarray, " N"]]:
    """The columns, ``<joint>_<suffix>``, of each part of a body; parts without columns are left out."""
    skeleton = clip.skeleton
    parts = _joint_parts(skeleton, read_anatomy(skeleton, np.median(points(clip)[..., 1], axis=0)))
    of_name = dict(zip(skeleton.names, parts, strict=True))
    found = np.array([of_name.get(name.rpartition("_")[0], "") for name in names])
    return {part: np.flatnonzero(found == part) for part in _PARTS if (found == part).any()}


def _joint_parts(skeleton: Skeleton, anatomy: Anatomy) -> list[str]:
    """The part of each joint: what is attached to a part belongs to it."""
    root = find_motion_root(skeleton)
    own: Mapping[int, str] = {
        **dict.fromkeys(anatomy.trunk, "torso"),
        **({} if anatomy.head is None else {anatomy.head: "head"}),
        **{point: "arms" for limb in anatomy.arms for point in limb.path},
        **{point: "legs" for limb in anatomy.legs for point in limb.path},
        **dict.fromkeys(range(root + 1), "root"),
    }
    parts: list[str] = []
    for joint, parent in enumerate(skeleton.parents):
        inherited = parts[parent] if parent >= 0 else "root"
        parts.append(own.get(joint, "torso" if inherited == "root" else inherited))
    return parts
