"""Features of the recordings of a table: motion, the part of its song that belongs to each, labels, lists of splits."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from transflower.core.array_file import ArrayFile, read_header
from transflower.core.errors import DataError, TransflowerError
from transflower.core.files import read_json, write_array, write_json, write_text
from transflower.core.listing import name_some
from transflower.data.import_options import ImportConfig
from transflower.data.labels_extraction import LabelsReport, extract_labels
from transflower.data.recordings import RecordingRow
from transflower.data.sources.arrays import array_files
from transflower.data.store import Store
from transflower.data.verb_options import LabelsExtraction
from transflower.features.extraction.audio import extract_audio_of, with_beats
from transflower.features.extraction.duets import FOLLOWER, PARTNER, extract_duets_of
from transflower.features.extraction.made_from import Origins, WithOrigin
from transflower.features.extraction.motion import extract_motion_of
from transflower.features.extraction.options import AudioExtraction, MotionExtraction
from transflower.features.extraction.report import ExtractionReport
from transflower.features.extraction.sources import Excerpt, Source
from transflower.features.extraction.target import MIRRORED, Target
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.bvh import read_skeleton
from transflower.formats.character.common import COMMON
from transflower.formats.format import ReadOptions
from transflower.formats.registry import find_format, read_recording
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.skeleton import Skeleton

_MOTION = "motion"
_LABELS = ("style", "dancer")
_USUAL_SPLITS = ("train", "val", "test")
_ANY_RATE = ReadOptions(fps=30.0)


def extract_features(
    rows: Sequence[RecordingRow], config: ImportConfig, table: Path
) -> tuple[list[ExtractionReport | LabelsReport], TransflowerError | None]:
    """Motion, then the part of its song that belongs to each dance; problems with motion do not stop the sound."""
    problem: TransflowerError | None = None
    reports: list[ExtractionReport | LabelsReport] = []
    sources = {row.id: _motion(row, table) for row in rows}
    motion = _motion_options(rows, config)
    try:
        if config.duets:
            couples = [(sources[row.id], sources[row.partner]) for row in rows if row.partner]
            reports.append(extract_duets_of(couples, config.out, motion))
        else:
            reports.append(extract_motion_of(list(sources.values()), config.out, motion))
    except DataError as error:
        problem = error
    songs = [source for row in rows if row.song and (source := _song(row, config, table))]
    if songs:
        songs = songs if config.beats is None else with_beats(songs, config.beats)
        options = AudioExtraction(fps=config.fps, mirror=config.mirror, overwrite=config.overwrite, jobs=config.jobs)
        try:
            reports.append(extract_audio_of(songs, config.out, options))
        except DataError as error:
            problem = problem or error
    return reports, problem


def write_labels(rows: Sequence[RecordingRow], config: ImportConfig, notes: list[str]) -> list[LabelsReport]:
    """The labels that all recordings have, because features are of use where no sequence lacks them."""
    complete = tuple(column for column in _LABELS if all(getattr(row, column) for row in rows))
    for column in _LABELS:
        missing = [row.id for row in rows if not getattr(row, column)]
        if column not in complete and len(missing) < len(rows):
            told = f"{len(missing)} of {len(rows)} recordings have no {column}, {name_some(missing, most=3)}"
            notes.append(f"{told}; write them into the table, then `transflower extract labels {config.out}`")
    options = LabelsExtraction(folder=config.out, columns=complete, of=_feature(config))
    return [extract_labels(options)] if complete else []


def take_arrays(config: ImportConfig) -> ExtractionReport:
    """Arrays under the names that features have, as the types that these have. Descriptions that are there stay."""
    written = skipped = 0
    notes = []
    for feature, paths in array_files(config.folder, out=config.out).items():
        sidecar = config.out / f"{feature}.json"
        if sidecar.exists() and not config.overwrite:
            if config.source_fps is not None and read_json(sidecar) != {"fps": config.source_fps}:
                notes.append(f"{sidecar} stays as it was; --overwrite writes it and all arrays anew")
        elif config.source_fps is not None:
            write_json(sidecar, {"fps": config.source_fps})
        target = Target(out=config.out, name=feature, mirror=False, overwrite=config.overwrite)
        sources = [Source(one, path) for one, path in paths.items()]
        pending = target.pending(sources)
        origins, take = Origins(config.out, feature), WithOrigin(partial(_take_array, target))
        for source in pending:
            origin, path = take(source)
            origins.add(source, origin, [path])
        written += len(pending)
        skipped += len(sources) - len(pending)
    return ExtractionReport(out=config.out, written=written, skipped=skipped, notes=tuple(notes))


def _take_array(target: Target, source: Source) -> Path:
    rows = ArrayFile(source.path).read()
    whole = rows.reshape(len(rows), -1)
    path = target.array_path(source.sequence_id)
    write_array(path, whole if whole.dtype.kind in "iub" else whole.astype(np.float32))
    return path


def write_lists(rows: Sequence[RecordingRow], config: ImportConfig, notes: list[str]) -> list[str]:
    """The lists of splits that the source tells, of recordings that have features. Those written are returned.

    Lists that are there may grow. Where a sequence would leave its list they all stay, because somebody made them; to
    overwrite, they are all replaced.
    """
    store = Store(config.out)
    splits: dict[str, list[str]] = {}
    for row in rows:
        twins = [row.id, *([row.id + MIRRORED] if config.mirror else [])]
        there = [one for one in twins if has_features(one, config)]
        if row.split and there:
            splits.setdefault(row.split, []).extend(there)
    lists = {split for split in (*_USUAL_SPLITS, *splits) if store.list_path(split).exists()}
    moved = (
        {one for split in lists for one in store.ids(split) if one not in splits.get(split, [])} if splits else set()
    )
    if moved and not config.overwrite:
        kept = ", ".join(sorted(lists))
        told = f"they have {len(moved)} sequences, such as {min(moved)}, that the source has elsewhere"
        notes.append(f"the lists of {kept} stay as they were, because {told}; remove them to have those of the source")
        return []
    if moved:
        for split in lists.difference(splits):
            store.list_path(split).unlink()
    for split, ids in splits.items():
        write_text(store.list_path(split), "".join(f"{one}\n" for one in sorted(ids)))
    return sorted(splits)


def has_features(sequence_id: str, config: ImportConfig) -> bool:
    """Whether a recording has its motion."""
    return (config.out / f"{sequence_id}.{_feature(config)}.npy").exists()


def _feature(config: ImportConfig) -> str:
    """What every recording has that can be used."""
    return FOLLOWER if config.duets else _MOTION


def _motion_options(rows: Sequence[RecordingRow], config: ImportConfig) -> MotionExtraction:
    onto = _onto(rows, config) if config.onto == "auto" else config.onto
    return MotionExtraction(
        fps=config.fps,
        representation=config.representation,
        onto=None if onto == "none" else Path(onto),
        map=None if onto == "none" else config.map,
        unit=config.unit,
        up=config.up,
        mirror=config.mirror,
        source_fps=config.source_fps,
        drop_first=config.drop_first,
        overwrite=config.overwrite,
        jobs=config.jobs,
    )


def _onto(rows: Sequence[RecordingRow], config: ImportConfig) -> str:
    """``common`` where there are several skeletons, or the features that are there already are on it."""
    skeletons, seen = set(_kept_names(config)), set()
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


def _kept_names(config: ImportConfig) -> list[tuple[str, ...]]:
    """The joints of the common skeleton, if the features that are there are on it."""
    path = config.out / f"{PARTNER if config.duets else _MOTION}.json"
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
    motion = config.out / f"{row.id}.{_feature(config)}.npy"
    if row.song is None or not motion.exists():
        return None
    excerpt = Excerpt(offset=row.offset or 0.0, rows=read_header(motion).shape[0])
    needs = (motion,) if excerpt.offset == 0 else (motion, table)
    return Source(row.id, row.song, excerpt, needs)
