"""Labels in a folder of features: ``<id>.style.npy`` and the like, and ``style.json`` with the vocabulary."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError, FormatError
from transflower.core.files import is_there, write_array
from transflower.core.listing import name_some
from transflower.core.numbers import parse_float
from transflower.core.table import read_table
from transflower.core.table_faults import TableFaults
from transflower.data.conventions import frame_rate
from transflower.data.recordings import TABLE
from transflower.data.store import Store
from transflower.data.verb_options import LabelsExtraction
from transflower.features.extraction.target import MIRRORED
from transflower.features.labels import (
    NO_WORD,
    TimedLabel,
    class_frames,
    number_frames,
    parse_timed,
    word_rows,
    words_of,
)
from transflower.features.sidecar import LabelsSidecar, write_sidecar

_COLUMNS = ("style", "dancer", "energy", "text")
_NAMES, _TEXT = ("style", "dancer"), "text"
"""Columns that hold names, even where these are numbers; and that of words."""

Timed = Mapping[str, list[TimedLabel]]
"""Id -> what it is labelled with."""


@dataclass(frozen=True, kw_only=True)
class LabelsReport:
    """What was written."""

    folder: Path
    written: Mapping[str, str]
    """Feature -> what it holds."""
    unlabelled: Mapping[str, int]
    """Feature -> sequences without a label."""

    def __str__(self) -> str:
        lines = [f"{self.folder}: {name}: {told}" for name, told in self.written.items()]
        lines += [
            f"{count} sequence{'s' * (count > 1)} without {name}, which training needs of each"
            for name, count in self.unlabelled.items()
            if count
        ]
        return "\n".join(lines)


def extract_labels(options: LabelsExtraction) -> LabelsReport:
    """Write an array of labels for each sequence that has the feature ``options.of``, and the sidecars before them.

    Mirrored sequences have the labels of their originals.

    Raises:
        DataError: there are no sequences, none of them has a label, or a label is wrong.
        FormatError: the table cannot be read.
    """
    store = Store(options.folder)
    ids = store.contents().get(options.of, [])
    if not ids:
        raise DataError(f"{options.folder} holds no ID.{options.of}.npy; make them with `transflower extract motion`")
    table = options.table or options.folder / TABLE
    if options.table is None and not is_there(table):
        raise DataError(f"{table} does not exist; name a table with the columns id and style by --table")
    told: dict[str, str] = {}
    unlabelled: dict[str, int] = {}
    for column, labels in _read(table, options.columns).items():
        labelled = {one: labels[name] for one in ids if (name := _named(one, labels)) is not None}
        if not labelled:
            raise DataError(f"{table} has no {column} of any of the {len(ids)} sequences in {options.folder}")
        told[column] = _write(store, options, column, labelled)
        unlabelled[column] = len(ids) - len(labelled)
    return LabelsReport(folder=options.folder, written=told, unlabelled=unlabelled)


def _read(table: Path, columns: tuple[str, ...]) -> dict[str, Timed]:
    """Column -> the labels of each id."""
    wanted = columns or _COLUMNS
    found: dict[str, dict[str, list[TimedLabel]]] = {column: {} for column in wanted}
    faults = TableFaults(table)
    lines: dict[str, int] = {}
    rows = read_table(table, needed=("id", *columns), optional=() if columns else _COLUMNS, others=True)
    for row in faults.readable(rows):
        if not (one := row.cells["id"]):
            faults.add("names no id", row.line)
            continue
        if (earlier := lines.setdefault(one, row.line)) != row.line:
            faults.add(f"has {one!r} twice, first in line {earlier}", row.line)
        for column in wanted:
            if text := row.cells[column]:
                try:
                    found[column][one] = [(0.0, text)] if column == _TEXT else parse_timed(text)
                except DataError as error:
                    faults.add(f"{column}: {error}", row.line)
    faults.refuse("no labels were written")
    filled: dict[str, Timed] = {column: labels for column, labels in found.items() if labels}
    if not filled:
        raise DataError(f"{table} has no label in the columns {', '.join(wanted)}")
    return filled


def _named(sequence_id: str, labels: Timed) -> str | None:
    """The id under which the table has a sequence."""
    original = sequence_id.removesuffix(MIRRORED)
    return next((name for name in (sequence_id, original) if name in labels), None)


def _write(store: Store, options: LabelsExtraction, column: str, labels: Timed) -> str:
    """Write one feature; returns what it holds."""
    every = {label for timed in labels.values() for _, label in timed}
    if column == _TEXT:
        vocabulary = [NO_WORD, *sorted({word for label in every for word in words_of(label)})]
        rows = {one: word_rows(timed[0][1], vocabulary, options.words) for one, timed in labels.items()}
        _save(store, LabelsSidecar(names=(column,), vocabulary=tuple(vocabulary)), rows)
        return f"{len(vocabulary) - 1} words in {len(labels)} sequences"
    encode: Callable[[list[TimedLabel], float, int], np.ndarray] = number_frames
    vocabulary = []
    if column in _NAMES or not all(map(_is_number, every)):
        vocabulary = _classes(every)
        encode = partial(class_frames, vocabulary=vocabulary)
    if options.once:
        _check_constant(column, labels)
        rows = {one: encode(timed, 1.0, 1) for one, timed in labels.items()}
        fps = None
    else:
        fps = _frame_rate(store, options.of)
        lengths = {one: store.header(one, options.of).shape[0] for one in labels}
        rows = {one: encode(timed, fps, lengths[one]) for one, timed in labels.items()}
    _save(store, LabelsSidecar(names=(column,), fps=fps, vocabulary=tuple(vocabulary)), rows)
    return f"{name_some(vocabulary) if vocabulary else 'numbers'} in {len(labels)} sequences"


def _classes(labels: Iterable[str]) -> list[str]:
    """Each label once, however its letters are written, in the order of the alphabet."""
    return sorted({label.casefold(): label for label in sorted(labels)}.values(), key=str.casefold)


def _check_constant(column: str, labels: Timed) -> None:
    for one, timed in labels.items():
        if len(timed) > 1:
            raise DataError(f"{one} has a {column} that changes; leave out --once, which writes one row for all of it")


def _save(store: Store, sidecar: LabelsSidecar, rows: Mapping[str, np.ndarray]) -> None:
    (column,) = sidecar.names
    path, found = store.folder / f"{column}.json", store.sidecar(column)
    if found is not None and found.get("kind") != sidecar.kind:
        raise DataError(f"{path} describes something else than labels; give the column of the table another name")
    # What classes meant before must not be read with the new vocabulary, whenever this is stopped.
    changed = found is not None and found != json.loads(json.dumps(sidecar.to_dict()))
    for one in store.contents().get(column, []):
        if changed or one not in rows:
            store.path(one, column).unlink(missing_ok=True)
    write_sidecar(path, sidecar)
    for one, array in rows.items():
        write_array(store.path(one, column), array)


def _frame_rate(store: Store, feature: str) -> float:
    try:
        fps = frame_rate(store.sidecar(feature))
    except ValueError as error:
        raise FormatError(store.folder / f"{feature}.json", str(error)) from error
    if fps is None:
        path = store.folder / f"{feature}.json"
        raise DataError(f"{path} does not say the frames per second, which labels of frames need; or add --once")
    return fps


def _is_number(label: str) -> bool:
    try:
        parse_float(label)
    except ValueError:
        return False
    return True
