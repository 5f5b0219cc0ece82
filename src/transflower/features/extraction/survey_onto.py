"""A survey of recordings of any skeletons, which are put on one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError
from transflower.features.extraction import findings
from transflower.features.extraction.options import MotionExtraction
from transflower.features.extraction.reading import MotionReader
from transflower.features.extraction.retargeting import (
    GroupRig,
    RetargetingReader,
    is_same_skeleton,
    read_group_rigs,
    standing_clip,
)
from transflower.features.extraction.skeleton_groups import group_by_skeleton
from transflower.features.extraction.sources import Source
from transflower.features.extraction.survey import Look, MotionSurvey, look_at
from transflower.features.extraction.work import attempt_all
from transflower.features.motion.describe import describe_motion, with_moving
from transflower.features.motion.skeletons import first_difference
from transflower.features.sidecar import MotionSidecar
from transflower.formats.character import open_character
from transflower.formats.character.character import Character
from transflower.formats.character.common import COMMON, common_character
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.retarget import Rig
from transflower.motion.root import moving_joints
from transflower.motion.selection import select_joints

_MOST_GROUPS = 12


def survey_onto(
    sources: Sequence[Source], reader: MotionReader, kept: MotionSidecar | None, options: MotionExtraction
) -> MotionSurvey:
    """Look at all recordings, and find out how each is put on the skeleton of ``options.onto``.

    Raises:
        DataError: that skeleton cannot take a dance, is not that of the sidecar ``kept``, or no recording can be used.
    """
    reader = replace(reader, joints=())
    looks = attempt_all(partial(look_at, reader=reader), sources, jobs=options.jobs, label="reading")
    problems = [look.problem for look in looks if look.problem]
    seen = {look.source: look.result for look in looks if look.result}
    groups = group_by_skeleton({source: look.skeleton for source, look in seen.items()})
    rigs = read_group_rigs(groups, reader, tables=options.map, jobs=options.jobs)
    character = _character(options.onto or COMMON, rigs, kept)
    sidecar = kept or _describe(character, options)
    _check_kept(sidecar, character, options)
    if rigs and all(found.rig is None for found in rigs):
        problems += [found.problem for found in rigs]
    remarks = [remark for look in looks for remark in look.remarks]
    return MotionSurvey(
        sidecar=sidecar if any(found.rig for found in rigs) else None,
        groups=tuple(
            (_reader(found, reader, character, options), found.group.sources) for found in rigs if found.rig is not None
        ),
        problems=tuple(problems),
        notes=(
            *_notes(rigs, character),
            *_findings(seen, reader),
            *findings.grouped(remarks, [source.path for source in sources]),
        ),
    )


def _character(onto: Path, rigs: Sequence[GroupRig], kept: MotionSidecar | None) -> Character:
    if onto != COMMON:
        return open_character(onto)
    if kept is not None:
        return common_character(fingers=kept.skeleton.names == common_skeleton(fingers=True).names)
    usable = [found for found in rigs if found.rig is not None]
    return common_character(fingers=bool(usable) and all(found.has_fingers for found in usable))


def _describe(character: Character, options: MotionExtraction) -> MotionSidecar:
    """The sidecar of the skeleton: the same whatever the recordings are, so that folders can be put together."""
    clip = _chosen(standing_clip(character.rig), options)
    sidecar = describe_motion(clip, options.representation, layout=character.layout)
    return with_moving(sidecar, _moving(character.rig, options))


def _moving(rig: Rig, options: MotionExtraction) -> list[int]:
    """Joints that move away from their parents: the hips under a root, and joints between which others are not kept."""
    clip = standing_clip(rig)
    turned = rot.multiply(clip.rotations, rot.from_expmap(np.full(3, 0.5)))
    tracks = {joint: np.tile(rig.skeleton.offsets[joint], (2, 1)) for joint in {0, rig.mover}}
    tracks[rig.mover][1] += 1.0
    return moving_joints(
        _chosen(replace(clip, rotations=np.concatenate([clip.rotations, turned]), translations=tracks), options)
    )


def _chosen(clip: Clip, options: MotionExtraction) -> Clip:
    return select_joints(clip, options.joints) if options.joints else clip


def _check_kept(sidecar: MotionSidecar, character: Character, options: MotionExtraction) -> None:
    skeleton = _chosen(standing_clip(character.rig), options).skeleton
    if not is_same_skeleton(skeleton, sidecar.skeleton):
        told = first_difference(sidecar.skeleton, skeleton) or "bones have other lengths"
        raise DataError(
            f"features in {options.name}.json are on another skeleton than {character.path} ({told}); choose another "
            "--name or --out"
        )


def _reader(
    found: GroupRig, reader: MotionReader, character: Character, options: MotionExtraction
) -> RetargetingReader:
    is_same = is_same_skeleton(found.group.skeleton, character.rig.skeleton)
    return RetargetingReader(
        reader=reader, rig=None if is_same else found.rig, target=character.rig, joints=options.joints
    )


def _notes(rigs: Sequence[GroupRig], character: Character) -> list[str]:
    """The skeleton that is put on, the groups, and what is left out."""
    count, joints = len(rigs), character.rig.skeleton.num_joints
    kinds = f"{count} kinds of skeletons are" if count > 1 else "one kind of skeleton is"
    lines = [f"{kinds} put on that of {character.path}, of {joints} joints"] if rigs else []
    lines += [found.note(character.rig) for found in rigs[:_MOST_GROUPS]]
    more = len(rigs) - _MOST_GROUPS
    return [*lines, *([f"and {more} kinds of skeletons more"] if more > 0 else [])]


def _findings(seen: Mapping[Source, Look], reader: MotionReader) -> list[str]:
    return findings.notes({source.path: look.found for source, look in seen.items()}, drop_first=reader.drop_first)
