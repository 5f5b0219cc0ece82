"""Which column holds what: known by name, so that arrays may leave columns out.

In order: every joint's rotation, joints in reverse skeleton order with the motion root last; the positions of other
joints that move; the root's position over the ground (X and Z are 0), its steps to the left and forward, and its turn:
``<root>_Xposition``, ``_Yposition``, ``_Zposition``, ``_dXposition``, ``_dZposition``, ``_dYrotation``.
With the representation ``expmap`` these are the columns of the features published in 2021.

Where the root is seen from a partner, its X and Z positions are those in the partner's facing frame. In place of steps
and turn there is the direction in which it faces there: ``<root>_Xfacing``, ``_Zfacing``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from transflower.core.errors import DataError
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton

_POSITION = ("Xposition", "Yposition", "Zposition")
_DELTAS = ("dXposition", "dZposition", "dYrotation")
_FACING = ("Xfacing", "Zfacing")

RootFrame = Literal["own", "partner"]
"""Where the root is seen from: itself, a frame before; or a partner who is given."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """All the columns that the motion of a skeleton can have."""

    names: tuple[str, ...]
    """``<joint>_<suffix>``."""
    joints: tuple[int, ...]
    """Joints in the order of their rotations; the motion root is the last."""
    moving: tuple[int, ...]
    """Joints other than the root in the order of their positions."""


def all_columns(
    skeleton: Skeleton, suffixes: Sequence[str], moving: Collection[int] = (), *, root_frame: RootFrame = "own"
) -> Columns:
    """The columns of rotations written with ``suffixes``; joints of ``moving`` have positions too.

    Joints above the motion root have none.
    """
    joints = tuple(reversed(range(find_motion_root(skeleton), skeleton.num_joints)))
    moving = tuple(joint for joint in joints[:-1] if joint in moving)
    parts = [(joint, tuple(suffixes)) for joint in joints] + [(joint, _POSITION) for joint in moving]
    parts.append((joints[-1], _POSITION + _root_suffixes(root_frame)))
    names = tuple(f"{skeleton.names[joint]}_{suffix}" for joint, group in parts for suffix in group)
    return Columns(names=names, joints=joints, moving=moving)


def named_columns(
    skeleton: Skeleton, suffixes: Sequence[str], names: Sequence[str], *, root_frame: RootFrame = "own"
) -> Columns:
    """The columns that ``names`` choose from: joints move if one of their position columns is named.

    Raises:
        DataError: a name is there twice, or is no column of the skeleton.
    """
    positions = {
        name.rpartition("_")[0] for name in names if name.endswith(tuple(f"_{suffix}" for suffix in _POSITION))
    }
    moving = [joint for joint, name in enumerate(skeleton.names) if name in positions]
    columns = all_columns(skeleton, suffixes, moving, root_frame=root_frame)
    known, seen = set(columns.names), set[str]()
    for index, name in enumerate(names):
        if name not in known:
            root = skeleton.names[columns.joints[-1]]
            others = _root_suffixes(root_frame)
            allowed = ", ".join((*suffixes, *_POSITION, *others))
            raise DataError(
                f"column {index} is called {name!r}, which is not '<joint>_<suffix>' with a joint of the skeleton "
                f"from {root!r} on and a suffix of: {allowed} ({', '.join(others)}: {root!r} only)"
            )
        if name in seen:
            raise DataError(f"column {index} is called {name!r}, as an earlier one is")
        seen.add(name)
    return columns


def _root_suffixes(root_frame: RootFrame) -> tuple[str, ...]:
    return _DELTAS if root_frame == "own" else _FACING
