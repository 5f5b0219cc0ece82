"""Kinds of moves in a folder of motion features: ``<id>.moves.npy``, and the sidecar ``moves.json``."""

import math

import numpy as np

from transflower.core.errors import DataError, FormatError
from transflower.core.files import write_array
from transflower.core.memory import check_memory
from transflower.core.progress import progress
from transflower.data.conventions import frame_rate
from transflower.data.derived_features import DerivedReport, ids_with, known_sidecar
from transflower.data.store import Store
from transflower.data.verb_options import MovesExtraction
from transflower.features.moves import encode_moves, learn_moves
from transflower.features.sidecar import MovesSidecar, write_sidecar

_TRAIN = "train"

_BYTES_A_VALUE = 40
"""To learn kinds: values, their statistics and sums, as 64-bit numbers."""


def extract_moves(options: MovesExtraction) -> DerivedReport:
    """Write the kind of every frame, ``[T, 1]``, and before it the sidecar, so that no array lacks one.

    Raises:
        DataError: there is no such motion feature, or too little of it; or kinds of another feature are there already.
    """
    store = Store(options.folder)
    ids = ids_with(store, options.of)
    fps = _frame_rate(options, store)
    known = known_sidecar(store, options.name, MovesSidecar, of=options.of)
    sidecar = _learnt(options, store, ids, fps) if known is None or options.overwrite else known
    if sidecar is not known:
        write_sidecar(options.folder / f"{options.name}.json", sidecar)
    pending = [one for one in ids if sidecar is not known or not store.is_current(one, options.name, of=options.of)]
    changes = frames = 0
    for one in progress(pending, label=options.name, unit="sequence"):
        kinds = encode_moves(_motion(options, store, one, len(sidecar.mean)), sidecar)
        write_array(store.path(one, options.name), kinds)
        changes, frames = changes + int(np.count_nonzero(np.diff(kinds[:, 0]))), frames + len(kinds)
    return DerivedReport(
        folder=options.folder,
        name=options.name,
        written=len(pending),
        skipped=len(ids) - len(pending),
        changes_per_minute=60 * fps * changes / max(1, frames),
    )


def _frame_rate(options: MovesExtraction, store: Store) -> float:
    """As the sidecar or the user says."""
    path = options.folder / f"{options.of}.json"
    try:
        told = frame_rate(store.sidecar(options.of))
    except ValueError as error:
        raise FormatError(path, str(error)) from error
    if told is None and options.fps is None:
        raise DataError(f"{path} is missing or lacks the frames per second; give them by --fps")
    if told is not None and options.fps not in (None, told):
        raise DataError(f"{path} says {told:g} frames per second, not {options.fps:g}; leave out --fps")
    return told or options.fps or 0.0


def _learnt(options: MovesExtraction, store: Store, ids: list[str], fps: float) -> MovesSidecar:
    listed, known = store.ids(_TRAIN) if _TRAIN in store.splits() else ids, set(ids)
    chosen = [one for one in listed if one in known]
    shapes = [store.header(one, options.of).shape for one in chosen]
    check_memory(
        sum(map(math.prod, shapes)) * _BYTES_A_VALUE,
        what=f"learning kinds from {len(chosen)} sequences",
        advice=f"list fewer of them in {store.list_path(_TRAIN)}",
    )
    return learn_moves(
        [_motion(options, store, one, shapes[0][-1]) for one in chosen],
        kinds=options.kinds,
        frames=max(1, round(options.seconds * fps)),
        fps=fps,
        of=options.of,
        seed=options.seed,
    )


def _motion(options: MovesExtraction, store: Store, one: str, columns: int) -> np.ndarray:
    """All rows of a sequence.

    Raises:
        FormatError: they are not finite numbers of so many columns.
    """
    rows = store.open(one, options.of).read()
    if rows.ndim != 2 or rows.shape[1] != columns or not len(rows) or not np.isfinite(rows).all():
        shape = list(rows.shape)
        raise FormatError(
            store.path(one, options.of),
            f"with shape {shape} does not hold frames of {columns} finite numbers; see `transflower data check`",
        )
    return rows
