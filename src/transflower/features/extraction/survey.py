"""A survey of all recordings before extraction: one skeleton, one unit, one set of columns for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from transflower.core.errors import DataError
from transflower.core.listing import listing
from transflower.features.extraction import findings
from transflower.features.extraction.findings import Findings, measure_recording
from transflower.features.extraction.reading import ClipReader, MotionReader
from transflower.features.extraction.sources import Source
from transflower.features.extraction.work import attempt, attempt_all
from transflower.features.motion.describe import describe_motion, with_moving
from transflower.features.motion.skeletons import first_difference, longest_bone_difference
from transflower.features.sidecar import MotionSidecar
from transflower.motion.root import moving_joints, settle_bones
from transflower.motion.skeleton import Skeleton

_SAME_METRES = 0.01


@dataclass(frozen=True, kw_only=True)
class MotionSurvey:
    """What all recordings have in common, and which of them are usable."""

    sidecar: MotionSidecar | None
    """Of all features; None if no recording is usable."""
    groups: tuple[tuple[ClipReader, tuple[Source, ...]], ...]
    """Recordings that can be used, and what reads them."""
    problems: tuple[str, ...]
    """Why the others could not."""
    notes: tuple[str, ...]
    """What is worth knowing."""


def survey_motion(
    sources: Sequence[Source], reader: MotionReader, kept: MotionSidecar | None, *, representation: str, jobs: int
) -> MotionSurvey:
    """Look at all recordings; ``kept`` is the sidecar that they must fit, if there is one already.

    Without one, the first usable recording decides on skeleton, unit and up axis, and a joint that moves in any
    recording has position columns.

    Raises:
        DataError: listing the recordings whose skeleton is another one.
    """
    problems: list[str] = []
    remarks: list[str] = []
    sidecar, model = kept, "the sidecar"
    while sidecar is None and sources:
        first = attempt(partial(_describe, reader=reader, representation=representation), sources[0])
        sidecar, model = first.result, str(sources[0].path)
        if first.problem:
            problems.append(first.problem)
            sources = sources[1:]
        else:
            remarks += first.remarks
    if sidecar is None:
        return MotionSurvey(sidecar=None, groups=(), problems=tuple(problems), notes=())
    if sidecar.layout is not None:
        reader = reader.like(sidecar.layout)
    looks = attempt_all(partial(look_at, reader=reader), sources, jobs=jobs, label="reading")
    problems += [look.problem for look in looks if look.problem]
    seen = {look.source: look.result for look in looks if look.result}
    _refuse_others(seen, sidecar.skeleton, model, problems)
    if kept is None:
        sidecar = with_moving(sidecar, {joint for look in seen.values() for joint in look.moving})
    notes = _summary(seen, sidecar, drop_first=reader.drop_first) if kept is None else []
    notes += findings.notes({s.path: look.found for s, look in seen.items()}, drop_first=reader.drop_first)
    notes += _bone_notes(seen, sidecar.skeleton)
    remarks += [remark for look in looks for remark in look.remarks]
    notes += findings.grouped(remarks, [source.path for source in sources])
    return MotionSurvey(
        sidecar=sidecar,
        groups=((reader, tuple(seen)),),
        problems=tuple(problems),
        notes=tuple(notes),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """What is seen of one recording."""

    skeleton: Skeleton
    """With the bones that it really has."""
    moving: tuple[int, ...]
    """Joints that move away from their parents."""
    found: Findings
    """What is measured of it."""


def look_at(source: Source, reader: MotionReader) -> Look:
    """Look at a recording."""
    recording = reader.whole(source)
    clip = reader.cut(recording).clip
    return Look(
        skeleton=settle_bones(clip).skeleton, moving=tuple(moving_joints(clip)), found=measure_recording(recording)
    )


def _describe(source: Source, reader: MotionReader, representation: str) -> MotionSidecar:
    recording = reader(source)
    return describe_motion(recording.clip, representation, layout=recording.layout)


def _summary(seen: Mapping[Source, Look], sidecar: MotionSidecar, *, drop_first: bool) -> list[str]:
    """Notes on the first recording, whose unit and axis are used for all."""
    if not seen or sidecar.layout is None:
        return []
    source, look = next(iter(seen.items()))
    text = findings.summary(look.found, sidecar.layout.up, drop_first=drop_first)
    return [f"{source.path}: {text}; a unit of the files is {sidecar.layout.metres_per_unit:g} m"]


def _refuse_others(seen: Mapping[Source, Look], skeleton: Skeleton, model: str, problems: Sequence[str]) -> None:
    differences = {source.path: first_difference(look.skeleton, skeleton) for source, look in seen.items()}
    lines = [f"{path}: {difference}" for path, difference in differences.items() if difference]
    if lines:
        head = f"{len(lines)} of {len(seen)} skeletons are not that of {model}; put all on one by --onto common, or "
        head += "extract each kind into its own --out"
        raise DataError(listing(head, [*lines, *problems]))


def _bone_notes(seen: Mapping[Source, Look], skeleton: Skeleton) -> list[str]:
    gaps = {source.path: longest_bone_difference(look.skeleton, skeleton) for source, look in seen.items()}
    others = {path: gap for path, gap in gaps.items() if gap[0] > _SAME_METRES}
    if not others:
        return []
    worst = max(others, key=lambda path: others[path])
    metres, joint = others[worst]
    return [
        f"bones differ from those of the sidecar, which features use, in {len(others)} of {len(seen)} recordings, "
        f"by up to {metres:.2f} m ({joint!r} in {worst})"
    ]
