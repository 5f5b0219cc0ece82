"""Motion features of recordings: ``OUT/<id>.<name>.npy``, and the sidecar ``OUT/<name>.json``."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError
from transflower.features.extraction.ignored_files import ignored_files
from transflower.features.extraction.made_from import digest_of
from transflower.features.extraction.options import MotionExtraction
from transflower.features.extraction.reading import ClipReader, MotionReader
from transflower.features.extraction.report import ExtractionReport
from transflower.features.extraction.sources import Source, find_sources
from transflower.features.extraction.survey import MotionSurvey, survey_motion
from transflower.features.extraction.survey_onto import survey_onto
from transflower.features.extraction.target import Target
from transflower.features.motion.codec import encode_motion
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.registry import holds_motion, readable_suffixes, refuse_others
from transflower.motion.axes import parse_up
from transflower.motion.clip import Clip
from transflower.motion.mirror import mirror
from transflower.motion.root import find_motion_root
from transflower.motion.rotations import identity
from transflower.motion.units import parse_unit

_ALIKE_METRES = 0.01


def extract_motion(
    paths: Sequence[Path | str], out: Path | str, options: MotionExtraction | None = None
) -> ExtractionReport:
    """Extract features of recordings, and of all recordings in folders.

    Raises:
        DataError: as ``extract_motion_of``; or ``paths`` are unusable, with nothing written.
    """
    options = options or MotionExtraction()
    for path in paths:
        refuse_others(Path(path))
    sources = find_sources(paths, readable_suffixes(), ids=options.ids, holds=holds_motion)
    ignored = ignored_files(paths, readable_suffixes(), out=Path(out), holds=holds_motion)
    return extract_motion_of(sources, out, options, notes=ignored)


def extract_motion_of(
    sources: Sequence[Source], out: Path | str, options: MotionExtraction, *, notes: Sequence[str] = ()
) -> ExtractionReport:
    """Extract features of recordings; ``notes`` go into the report.

    The sidecar holds the skeleton of the first one (by id), on which the features of all others are read. Arrays
    that are there already and were made from these files stay as they are.

    Raises:
        DataError: files that cannot be used, all of them listed (the others are written); or, with nothing written:
            unusable ``out``, files of different skeletons, a sidecar with other settings.
    """
    target = Target(
        out=Path(out), name=options.name, mirror=options.mirror, overwrite=options.overwrite, tables=options.map
    )
    kept = kept_sidecar(target, options) if target.keeps_sidecar(sources) else None
    pending = replace(target, reading=reading_digest(options, kept)).pending(sources)
    # How a skeleton is put on another one is read from all its recordings, so that an interrupted run goes on alike.
    seen = sources if options.onto is not None and pending else pending
    survey = survey_sources(seen, motion_reader(options), kept, options)
    problems, told, written = list(survey.problems), list(survey.notes), 0
    if survey.sidecar is not None:
        sidecar = replace(survey.sidecar, fps=options.fps)
        target = replace(target, new_sidecar=None if kept else sidecar, reading=reading_digest(options, survey.sidecar))
        wanted = set(pending)
        for group_reader, group in survey.groups:
            usable = [one for one in group if one in wanted]
            write = partial(_write_features, reader=group_reader, sidecar=sidecar, target=target)
            outcomes = target.write_all(write, usable, jobs=options.jobs)
            problems += [outcome.problem for outcome in outcomes if outcome.problem]
            written += sum(outcome.problem is None for outcome in outcomes)
        told += _mirror_notes(sidecar) if options.mirror and written else []
    told += notes
    report = ExtractionReport(out=target.out, written=written, skipped=len(sources) - len(pending), notes=tuple(told))
    report.raise_problems(problems)
    return report


def kept_sidecar(target: Target, options: MotionExtraction) -> MotionSidecar:
    """The sidecar that is there, and must have been made with the same options.

    Raises:
        DataError: it has other settings.
    """
    path = target.sidecar_path
    sidecar = read_sidecar(path)
    if not isinstance(sidecar, MotionSidecar):
        raise DataError(f"{path} describes {sidecar.kind} features; choose another --name or --out")
    pairs = [("fps", options.fps, sidecar.fps), ("representation", options.representation, sidecar.representation)]
    if options.onto is not None:  # units and axes are then those of each recording
        target.check_settings(pairs)
        return sidecar
    if sidecar.layout and options.unit != "auto":
        pairs.append(("unit", parse_unit(options.unit), sidecar.layout.metres_per_unit))
    if sidecar.layout and (up := parse_up(options.up)):
        pairs.append(("up", up, sidecar.layout.up))
    target.check_settings(pairs)
    return sidecar


def motion_reader(options: MotionExtraction) -> MotionReader:
    """What reads recordings as the options say."""
    return MotionReader(
        unit=options.unit,
        up=options.up,
        joints=options.joints,
        fps=options.source_fps,
        drop_first=options.drop_first,
    )


def reading_digest(options: MotionExtraction, sidecar: MotionSidecar | None) -> str:
    """Of how recordings are read; the sidecar says in which unit and with which axis, but for another skeleton."""
    reader = replace(motion_reader(options), joints=())
    if options.onto is None and sidecar is not None and sidecar.layout is not None:
        reader = reader.like(sidecar.layout)
    return digest_of(asdict(reader))


def survey_sources(
    sources: Sequence[Source], reader: MotionReader, kept: MotionSidecar | None, options: MotionExtraction
) -> MotionSurvey:
    """Look at all recordings, which keep their skeleton or are put on another one."""
    if options.onto is None:
        return survey_motion(sources, reader, kept, representation=options.representation, jobs=options.jobs)
    return survey_onto(sources, reader, kept, options)


def _write_features(source: Source, reader: ClipReader, sidecar: MotionSidecar, target: Target) -> None:
    clip = reader.clip(source, sidecar.fps)
    target.save(source.sequence_id, encode_motion(clip, sidecar))
    for twin in target.twins(source.sequence_id):
        target.save(twin, encode_motion(mirror(clip, sidecar.symmetry), sidecar))


def _mirror_notes(sidecar: MotionSidecar) -> list[str]:
    skeleton = sidecar.skeleton
    rest = Clip(skeleton, sidecar.fps, identity(1, skeleton.num_joints), {0: np.zeros((1, 3))})
    gaps = np.linalg.norm(mirror(rest, sidecar.symmetry).skeleton.offsets - skeleton.offsets, axis=1)
    gaps[: find_motion_root(skeleton) + 1] = 0
    worst = int(np.argmax(gaps))
    if gaps[worst] < _ALIKE_METRES:
        return []
    name = skeleton.names[worst]
    return [
        f"the skeleton's sides differ by up to {gaps[worst]:.2f} m ({name!r}); mirrored dances are read on it as it is"
    ]
