"""A survey of all recordings before extraction: one skeleton, one unit, one set of columns for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.listing import listing
from transflower.features.extraction import findings
from transflower.features.extraction.findings import Findings, measure_recording
from transflower.features.extraction.sources import Source
from transflower.features.extraction.work import attempt, attempt_all
from transflower.features.motion.describe import describe_motion, with_moving
from transflower.features.motion.skeletons import first_difference, longest_bone_difference
from transflower.features.sidecar import MotionSidecar
from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import read_recording
from transflower.motion.jumps import without_first_frames
from transflower.motion.root import moving_joints, settle_bones
from transflower.motion.selection import select_joints
from transflower.motion.skeleton import Skeleton

_SAME_METRES = 0.01


@dataclass(frozen=True, kw_only=True)
class MotionReader:
    """Reads recordings in one unit, with one axis up, and keeps the same joints."""

    unit: str | float
    """As ``ReadOptions`` have it."""
    up: str
    """As ``ReadOptions`` have it."""
    joints: tuple[str, ...]
    """Names; none given: all."""
    fps: float | None
    """As ``ReadOptions`` have it."""
    drop_first: bool
    """Whether the first frame is left out, as ``without_first_frames`` does."""

    def __call__(self, path: Path) -> Recording:
        """Read a recording."""
        return self.cut(self.whole(path))

    def whole(self, path: Path) -> Recording:
        """Read a recording with all its frames and joints."""
        return read_recording(path, ReadOptions(unit=self.unit, up=self.up, fps=self.fps))

    def cut(self, recording: Recording) -> Recording:
        """What is wanted of a whole recording."""
        clip = without_first_frames(recording.clip) if self.drop_first else recording.clip
        return replace(recording, clip=select_joints(clip, self.joints) if self.joints else clip)

    def like(self, layout: BvhLayout) -> "MotionReader":
        """Reads in the unit and with the axis of another recording."""
        return replace(self, unit=layout.metres_per_unit, up=layout.up)


@dataclass(frozen=True, kw_only=True)
class MotionSurvey:
    """What all recordings have in common, and which of them are usable."""

    sidecar: MotionSidecar | None
    """Of all features; None if no recording is usable."""
    reader: MotionReader
    """Reads all recordings alike."""
    usable: tuple[Source, ...]
    """Recordings that could be read."""
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
        return MotionSurvey(sidecar=None, reader=reader, usable=(), problems=tuple(problems), notes=())
    if sidecar.layout is not None:
        reader = reader.like(sidecar.layout)
    looks = attempt_all(partial(_look, reader=reader), sources, jobs=jobs, label="reading")
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
        reader=reader,
        usable=tuple(seen),
        problems=tuple(problems),
        notes=tuple(notes),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    skeleton: Skeleton
    moving: tuple[int, ...]
    found: Findings


def _describe(source: Source, reader: MotionReader, representation: str) -> MotionSidecar:
    recording = reader(source.path)
    return describe_motion(recording.clip, representation, layout=recording.layout)


def _look(source: Source, reader: MotionReader) -> _Look:
    recording = reader.whole(source.path)
    clip = reader.cut(recording).clip
    return _Look(
        skeleton=settle_bones(clip).skeleton, moving=tuple(moving_joints(clip)), found=measure_recording(recording)
    )


def _summary(seen: Mapping[Source, _Look], sidecar: MotionSidecar, *, drop_first: bool) -> list[str]:
    """Notes on the first recording, whose unit and axis are used for all."""
    if not seen or sidecar.layout is None:
        return []
    source, look = next(iter(seen.items()))
    text = findings.summary(look.found, sidecar.layout.up, drop_first=drop_first)
    return [f"{source.path}: {text}; a unit of the files is {sidecar.layout.metres_per_unit:g} m"]


def _refuse_others(seen: Mapping[Source, _Look], skeleton: Skeleton, model: str, problems: Sequence[str]) -> None:
    differences = {source.path: first_difference(look.skeleton, skeleton) for source, look in seen.items()}
    lines = [f"{path}: {difference}" for path, difference in differences.items() if difference]
    if lines:
        head = f"{len(lines)} of {len(seen)} skeletons are not that of {model}; extract each kind into its own --out"
        raise DataError(listing(head, [*lines, *problems]))


def _bone_notes(seen: Mapping[Source, _Look], skeleton: Skeleton) -> list[str]:
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
