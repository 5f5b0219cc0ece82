"""From a data set to a folder of features: a table of its recordings, motion, sound, and lists of splits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from transflower.core.array_file import ArrayFile, read_header
from transflower.core.errors import DataError, TransflowerError
from transflower.core.files import check_folder, write_array, write_json, write_text
from transflower.core.listing import name_some
from transflower.data.import_options import ImportConfig
from transflower.data.offsets import find_offsets
from transflower.data.recordings import TABLE, RecordingRow, read_recordings, write_recordings
from transflower.data.sources import find_corpus
from transflower.data.sources.arrays import array_files
from transflower.data.sources.corpus import Found
from transflower.data.store import Store
from transflower.features.extraction.audio import extract_audio_of
from transflower.features.extraction.motion import extract_motion_of
from transflower.features.extraction.options import AudioExtraction, MotionExtraction
from transflower.features.extraction.report import ExtractionReport
from transflower.features.extraction.sources import Excerpt, Source
from transflower.features.extraction.target import MIRRORED
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.bvh import read_skeleton
from transflower.formats.character.common import COMMON
from transflower.formats.format import ReadOptions
from transflower.formats.registry import find_format, read_recording
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.skeleton import Skeleton

_MOTION = "motion"
_ANY_RATE = ReadOptions(fps=30.0)


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What was imported."""

    title: str
    table: Path
    rows: Sequence[RecordingRow]
    notes: Sequence[str]
    reports: Sequence[ExtractionReport]
    splits: Sequence[str]
    terms: str

    def __str__(self) -> str:
        """As text."""
        count, songs = len(self.rows), sum(row.song is not None for row in self.rows)
        lines = [f"{self.table}: {count} recordings of {self.title}, {songs} with a song"]
        lines += [f"note: {note}" for note in self.notes]
        lines += [str(report) for report in self.reports]
        if self.splits:
            lines.append(f"lists of {', '.join(self.splits)} were written")
        elif self.reports:
            lines.append(f"next: transflower data split {self.table.parent} --pairs {self.table}")
        lines.append(f"terms: {self.terms}")
        return "\n".join(lines)


def import_corpus(config: ImportConfig) -> ImportReport:
    """Make the table of a source's recordings in ``config.out``, and extract their features there.

    Recordings of other sources that are in the table stay there. What is there already, newer than its files, stays.

    Raises:
        OptionsError: there is no such source.
        DataError: the folder is not laid out as the source is, or recordings cannot be used, all of them listed.
    """
    corpus = find_corpus(config.source)
    check_folder(config.out)
    found = corpus.find(config)
    if not found.rows:
        raise DataError(f"{config.folder} holds no recording of {corpus.title}; {'; '.join(found.notes)}")
    table = config.out / TABLE
    earlier = {row.id: row for row in read_recordings(table, check_files=False)} if table.exists() else {}
    rows, notes = _with_offsets(found, earlier, config)
    merged = _merged(rows, earlier, config)
    write_recordings(table, merged)
    reports: list[ExtractionReport] = []
    problem: TransflowerError | None = None
    if corpus.are_arrays:
        reports = [_take_arrays(config)]
    elif config.extract:
        reports, problem = _extract(rows, config, table)
    splits = _write_lists(merged, config) if reports or problem else []
    if problem is not None:
        raise problem
    return ImportReport(
        title=corpus.title, table=table, rows=rows, notes=notes, reports=reports, splits=splits, terms=corpus.terms
    )


def _with_offsets(
    found: Found, earlier: dict[str, RecordingRow], config: ImportConfig
) -> tuple[list[RecordingRow], list[str]]:
    """The rows, with offsets that were found before, or are now."""
    rows = []
    for row in found.rows:
        before = earlier.get(row.id)
        is_same = before is not None and _is_same(before.song, row.song) and _is_same(before.motion, row.motion)
        rows.append(replace(row, offset=before.offset) if before and is_same and row.offset is None else row)
    if config.find_offset == "no":
        return rows, list(found.notes)
    rows, notes = find_offsets(rows, config.find_offset, source_fps=config.source_fps, jobs=config.jobs)
    return rows, [*found.notes, *notes]


def _is_same(first: Path | None, second: Path | None) -> bool:
    return first is None or second is None or first.absolute() == second.absolute()


def _merged(rows: Sequence[RecordingRow], earlier: dict[str, RecordingRow], config: ImportConfig) -> list[RecordingRow]:
    """The rows, and those of other sources that were in the table before.

    Raises:
        DataError: an id is that of a recording of another source.
    """
    others = {
        one: row
        for one, row in earlier.items()
        if not row.motion.absolute().is_relative_to(config.folder.absolute()) and config.table is None
    }
    if both := [row.id for row in rows if row.id in others]:
        told = f"has recordings of other files with the ids {name_some(both, most=3)}"
        raise DataError(f"{config.out / TABLE} {told}; choose another --out")
    return [*others.values(), *rows]


def _extract(
    rows: Sequence[RecordingRow], config: ImportConfig, table: Path
) -> tuple[list[ExtractionReport], TransflowerError | None]:
    """Motion, then the part of its song that belongs to each dance; problems with motion do not stop the sound."""
    problem: TransflowerError | None = None
    reports = []
    try:
        reports.append(
            extract_motion_of([_motion(row, table) for row in rows], config.out, _motion_options(rows, config))
        )
    except DataError as error:
        problem = error
    songs = [source for row in rows if row.song and (source := _song(row, config, table))]
    if songs:
        options = AudioExtraction(fps=config.fps, mirror=config.mirror, overwrite=config.overwrite, jobs=config.jobs)
        try:
            reports.append(extract_audio_of(songs, config.out, options))
        except DataError as error:
            problem = problem or error
    return reports, problem


def _motion_options(rows: Sequence[RecordingRow], config: ImportConfig) -> MotionExtraction:
    onto = _onto(rows, config.out) if config.onto == "auto" else config.onto
    return MotionExtraction(
        fps=config.fps,
        representation=config.representation,
        onto=None if onto == "none" else Path(onto),
        mirror=config.mirror,
        source_fps=config.source_fps,
        drop_first=config.drop_first,
        overwrite=config.overwrite,
        jobs=config.jobs,
    )


def _onto(rows: Sequence[RecordingRow], out: Path) -> str:
    """``common`` where there are several skeletons, or the features that are there already are on it."""
    skeletons, seen = set(_kept_names(out)), set()
    for row in rows:
        known = find_format(row.motion)
        is_bvh = known is not None and known.name == "bvh"
        # Of other files than BVH, one of each folder is looked at.
        place = row.motion if is_bvh else (known and known.name, row.motion.parent)
        if place in seen:
            continue
        seen.add(place)
        try:
            skeletons.add(_skeleton(row.motion, is_bvh=is_bvh).names)
        except TransflowerError:
            continue  # It is told when the recording is read.
    return str(COMMON) if len(skeletons) > 1 else "none"


def _kept_names(out: Path) -> list[tuple[str, ...]]:
    """The joints of the common skeleton, if the features that are there are on it."""
    path = out / f"{_MOTION}.json"
    sidecar = read_sidecar(path) if path.exists() else None
    commons = [common_skeleton(fingers=fingers).names for fingers in (False, True)]
    return [sidecar.skeleton.names] if isinstance(sidecar, MotionSidecar) and sidecar.skeleton.names in commons else []


def _skeleton(path: Path, *, is_bvh: bool) -> Skeleton:
    # In any unit, because only names count.
    return read_skeleton(path, unit="m", up="y") if is_bvh else read_recording(path, _ANY_RATE).clip.skeleton


def _motion(row: RecordingRow, table: Path) -> Source:
    span = (row.start or 0.0, row.stop)
    is_plain = row.fps is None and span == (0.0, None)
    return Source(row.id, row.motion, fps=row.fps, span=span, needs=() if is_plain else (table,))


def _song(row: RecordingRow, config: ImportConfig, table: Path) -> Source | None:
    """The part of a song that belongs to a dance; None where there is no motion."""
    motion = config.out / f"{row.id}.{_MOTION}.npy"
    if row.song is None or not motion.exists():
        return None
    excerpt = Excerpt(offset=row.offset or 0.0, rows=read_header(motion).shape[0])
    needs = (motion,) if excerpt.offset == 0 else (motion, table)
    return Source(row.id, row.song, excerpt, needs)


def _take_arrays(config: ImportConfig) -> ExtractionReport:
    """Arrays under the names that features have, as the types that these have."""
    written = skipped = 0
    for feature, paths in array_files(config.folder).items():
        if config.source_fps is not None:
            write_json(config.out / f"{feature}.json", {"fps": config.source_fps})
        for one, path in paths.items():
            target = config.out / f"{one}.{feature}.npy"
            if target.exists() and not config.overwrite and target.stat().st_mtime >= path.stat().st_mtime:
                skipped += 1
                continue
            rows = ArrayFile(path).read()
            whole = rows.reshape(len(rows), -1)
            write_array(target, whole if whole.dtype.kind in "iub" else whole.astype(np.float32))
            written += 1
    return ExtractionReport(out=config.out, written=written, skipped=skipped, notes=())


def _write_lists(rows: Sequence[RecordingRow], config: ImportConfig) -> list[str]:
    """The lists of splits that the source tells, of recordings that have features."""
    store = Store(config.out)
    splits: dict[str, list[str]] = {}
    for row in rows:
        twins = [row.id, *([row.id + MIRRORED] if config.mirror else [])]
        there = [one for one in twins if (config.out / f"{one}.{_MOTION}.npy").exists()]
        if row.split and there:
            splits.setdefault(row.split, []).extend(there)
    for split, ids in splits.items():
        write_text(store.list_path(split), "".join(f"{one}\n" for one in sorted(ids)))
    return sorted(splits)
