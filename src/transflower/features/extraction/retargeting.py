"""Recordings of any skeletons, put on one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from transflower.core.errors import FormatError, TransflowerError
from transflower.core.listing import name_some
from transflower.core.workers import map_parallel
from transflower.features.extraction.reading import MotionReader
from transflower.features.extraction.skeleton_groups import SkeletonGroup
from transflower.features.extraction.sources import Source
from transflower.features.extraction.work import collected_remarks
from transflower.formats.character.bones import choose_bones
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bone_map import read_bone_map
from transflower.motion.humanoid.bones import FINGERS, SIDES
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.retarget import Rig, read_shared_rig, retarget, with_own_floor
from transflower.motion.retarget.rig import told_bones
from transflower.motion.selection import select_joints
from transflower.motion.skeleton import Skeleton

_LOOKED_AT = 8
"""Recordings of a group from which its rig is read."""
_STILL_DEGREES = 3.0
_MOST = 0.4
_ADVICE = "say which joint is which bone by --map FOLDER"
_MOST_NAMED = 6
_SAME_METRES = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class RetargetingReader:
    """Reads recordings of one skeleton, and puts them on another one."""

    reader: MotionReader
    """Reads them as they are."""
    rig: Rig | None
    """Of their skeleton; None where it is the other one already."""
    target: Rig
    """Of the other skeleton."""
    joints: tuple[str, ...]
    """Those of the other skeleton that are kept; none given: all."""

    def clip(self, source: Source, fps: float) -> Clip:
        """Read a recording at a frame rate."""
        clip = self.reader.clip(source, fps)
        if self.rig is not None:
            clip = retarget(clip, self.target, source=with_own_floor(self.rig, clip))
        return select_joints(clip, self.joints) if self.joints else clip


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupRig:
    """What is known of the skeleton of a group, or why its recordings cannot be used."""

    group: SkeletonGroup
    """The recordings."""
    rig: Rig | None = None
    """None where there is a problem."""
    is_moving: Bool[np.ndarray, " J"] | None = None
    """Of each joint, whether it is turned."""
    problem: str = ""
    """What is missing."""

    @property
    def has_fingers(self) -> bool:
        """Whether all fingers have two joints or more, and most move; of bodies without fingers some let a thumb."""
        if self.rig is None or self.is_moving is None:
            return False
        joints = self.rig.humanoid.joints
        fingers = [(name, side + bone) for side in SIDES for name, bones in FINGERS.items() for bone in bones[:2]]
        if not all(bone in joints for _, bone in fingers):
            return False
        return bool(self.is_moving[[joints[bone] for name, bone in fingers if name != "Thumb"]].mean() > _MOST)

    def note(self, target: Rig) -> str:
        """The group in a line: its joints, and those that move but are left out."""
        names = self.group.skeleton.names
        told = f"{self.group.what}: {len(names)} joints"
        if self.rig is None or self.is_moving is None:
            return f"{told}; left out: {self.problem.removeprefix(str(self.group.sources[0].path)).lstrip(': ')}"
        ours = self.rig.humanoid
        used = {joint for bone, joint in ours.joints.items() if bone in target.humanoid.joints}
        used |= {*ours.spine, *ours.neck, *ours.ancestors(ours.joints["hips"])}
        others = [names[joint] for joint in range(len(names)) if self.is_moving[joint] and joint not in used]
        return f"{told}; joints left out, though they move: {name_some(others, most=_MOST_NAMED)}" if others else told


def read_group_rigs(
    groups: Sequence[SkeletonGroup], reader: MotionReader, *, tables: Path | None, jobs: int
) -> list[GroupRig]:
    """The rigs of all groups. Tables of bones are read from the folder ``tables``, or written there."""
    read = partial(_read_rig, reader=reader, tables=tables)
    return list(map_parallel(read, groups, jobs=jobs))


def is_same_skeleton(skeleton: Skeleton, other: Skeleton) -> bool:
    """Whether a clip of one is a clip of the other."""
    return (
        (skeleton.names, skeleton.parents) == (other.names, other.parents)
        and float(np.abs(skeleton.offsets[1:] - other.offsets[1:]).max(initial=0.0)) < _SAME_METRES
    )  # fmt: skip


def standing_clip(rig: Rig) -> Clip:
    """One frame in which the skeleton of a rig stands."""
    rotations = rig.standing.rotations[None].copy()
    parents = list(rig.skeleton.parents[1:])
    rotations[:, 1:] = rot.multiply(rot.inverse(rotations[:, parents]), rig.standing.rotations[None, 1:])
    return Clip(rig.skeleton, 30.0, rotations, {0: rig.standing.points[None, 0]})


def _read_rig(group: SkeletonGroup, reader: MotionReader, tables: Path | None) -> GroupRig:
    step = -(-len(group.sources) // _LOOKED_AT)
    try:
        with collected_remarks():  # they were told when the recordings were looked at
            clips = [reader.whole(source).clip for source in group.sources[::step]]
        humanoid = _bones(group, clips[0], tables)
        rig = read_shared_rig(clips, humanoid, what=str(group.sources[0].path))
    except TransflowerError as error:
        return GroupRig(group=group, problem=str(error))
    return GroupRig(group=group, rig=rig, is_moving=np.any([_is_moving(clip) for clip in clips], axis=0))


def _bones(group: SkeletonGroup, clip: Clip, tables: Path | None) -> Humanoid:
    first = group.sources[0]
    found = told_bones(clip)
    if tables is None:
        found.check_complete(str(first.path), advice=_ADVICE)
        return found
    own = tables / f"{first.sequence_id}.txt"
    if not own.exists() and tables.is_dir():
        for table in sorted(tables.glob("*.txt")):
            try:
                return read_bone_map(table, clip.skeleton)
            except FormatError:
                continue  # it is that of another skeleton
    tables.mkdir(parents=True, exist_ok=True)
    return choose_bones(first.path, found, own)


def _is_moving(clip: Clip) -> Bool[np.ndarray, " J"]:
    few = clip.rotations[:: -(-clip.num_frames // 100)]
    turns = rot.angle_between(few[len(few) // 2][None], few)
    return np.degrees(np.percentile(turns, 90, axis=0)) > _STILL_DEGREES
