"""From a data set to a folder of features: a table of its recordings, motion, sound, and lists of splits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path

from transflower.core.errors import DataError, TransflowerError
from transflower.core.files import atomic_path, check_folder
from transflower.core.listing import name_some
from transflower.data.import_options import ImportConfig
from transflower.data.imported_features import extract_features, has_features, take_arrays, write_labels, write_lists
from transflower.data.labels_extraction import LabelsReport
from transflower.data.offsets import find_offsets
from transflower.data.recordings import TABLE, RecordingRow, read_recordings, write_recordings
from transflower.data.sources import find_corpus
from transflower.data.sources.corpus import Found
from transflower.data.store import Store
from transflower.features.extraction.report import ExtractionReport


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What was imported."""

    title: str
    """Of the source."""
    table: Path
    """The table of recordings."""
    rows: Sequence[RecordingRow]
    """Those of the source."""
    notes: Sequence[str]
    """What was left out, missing or found."""
    reports: Sequence[ExtractionReport | LabelsReport]
    """Of the features."""
    splits: Sequence[str]
    """Splits whose lists were written."""
    has_lists: bool
    """Whether the folder has lists, written now or earlier."""
    terms: str
    """What may be done with the source."""

    def __str__(self) -> str:
        """As text."""
        count, songs = len(self.rows), sum(row.song is not None for row in self.rows)
        lines = [f"{self.table}: {count} recordings of {self.title}, {songs} with a song"]
        lines += [f"note: {note}" for note in self.notes]
        lines += [str(report) for report in self.reports]
        if self.splits:
            lines.append(f"lists of {', '.join(self.splits)} were written")
        elif self.reports and not self.has_lists:
            lines.append(f"next: transflower data split {self.table.parent}")
        lines.append(f"terms: {self.terms}")
        return "\n".join(lines)


def import_corpus(config: ImportConfig) -> ImportReport:
    """Make the table of a source's recordings in ``config.out``, and extract their features there.

    Recordings of other sources that are in the table stay there. What was made from the same content already stays.

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
    reports: list[ExtractionReport | LabelsReport] = []
    problem: TransflowerError | None = None
    with _kept_if_used(table, rows, config):
        write_recordings(table, merged)
        if corpus.are_arrays and config.extract:
            reports = [take_arrays(config)]
        elif config.extract:
            reports, problem = extract_features(rows, config, table)
        splits = write_lists(merged, config, notes) if reports or problem else []
        if reports and not corpus.are_arrays:
            reports = [*reports, *write_labels(merged, config, notes)]
        if problem is not None:
            raise problem
    return ImportReport(
        title=corpus.title,
        table=table,
        rows=rows,
        notes=notes,
        reports=reports,
        splits=splits,
        has_lists=bool(Store(config.out).splits()),
        terms=corpus.terms,
    )


@contextmanager
def _kept_if_used(table: Path, rows: Sequence[RecordingRow], config: ImportConfig) -> Iterator[None]:
    """After a failure, the table is as it was before, unless ``rows`` have features, or offsets that were found."""
    before = table.read_bytes() if table.exists() else None
    try:
        yield
    except TransflowerError:
        has_offsets = config.find_offset != "no" and any(row.offset is not None for row in rows)
        if not has_offsets and not any(has_features(row.id, config) for row in rows):
            if before is None:
                table.unlink(missing_ok=True)
            else:
                with atomic_path(table) as temporary:
                    temporary.write_bytes(before)
        raise


def _with_offsets(
    found: Found, earlier: dict[str, RecordingRow], config: ImportConfig
) -> tuple[list[RecordingRow], list[str]]:
    """The rows, with offsets that were found before, or are now."""
    rows = []
    for row in found.rows:
        before = earlier.get(row.id)
        keeps = before is not None and row.offset is None and _has_same_offset(before, row)
        rows.append(replace(row, offset=before.offset) if before and keeps else row)
    if config.find_offset == "no":
        return rows, list(found.notes)
    rows, notes = find_offsets(rows, config.find_offset, source_fps=config.source_fps, jobs=config.jobs)
    return rows, [*found.notes, *notes]


def _has_same_offset(before: RecordingRow, row: RecordingRow) -> bool:
    """Whether nothing has changed on which the offset depends."""
    is_same = _is_same(before.song, row.song) and _is_same(before.motion, row.motion)
    numbers = ((before.start or 0.0, row.start or 0.0), (before.fps or 0.0, row.fps or 0.0))
    # A table holds ten digits.
    return is_same and all(isclose(one, other, rel_tol=1e-8) for one, other in numbers)


def _is_same(first: Path | None, second: Path | None) -> bool:
    return first is None or second is None or first.absolute() == second.absolute()


def _merged(rows: Sequence[RecordingRow], earlier: dict[str, RecordingRow], config: ImportConfig) -> list[RecordingRow]:
    """The rows, and those of other sources that were in the table before. A table that is given may correct those.

    Raises:
        DataError: an id is that of a recording of another source.
    """
    ids = {row.id for row in rows}
    if config.source == "own" and config.table is not None:
        return [*(row for one, row in earlier.items() if one not in ids), *rows]
    folder = config.folder.absolute()
    others = {one: row for one, row in earlier.items() if not row.motion.absolute().is_relative_to(folder)}
    if both := [row.id for row in rows if row.id in others]:
        told = f"has recordings of other files with the ids {name_some(both, most=3)}"
        raise DataError(f"{config.out / TABLE} {told}; choose another --out")
    return [*others.values(), *rows]
