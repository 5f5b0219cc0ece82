"""Kinds of moves in a folder of motion features: ``<id>.moves.npy``, and the sidecar ``moves.json``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError, OptionsError
from transflower.core.files import check_name, write_array
from transflower.core.progress import progress
from transflower.data.store import Store
from transflower.features.moves import encode_moves, learn_moves
from transflower.features.sidecar import MovesSidecar, sidecar_from_dict, write_sidecar

_TRAIN = "train"


@dataclass(frozen=True, kw_only=True)
class MovesExtraction:
    """Find kinds of moves in motion features, and which of them every frame begins."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files. Kinds are learnt from the training split, or from all if there is none."""
    of: str = "motion"
    """Motion feature in which they are found."""
    name: str = "moves"
    """Feature name: arrays are called ID.NAME.npy, their sidecar NAME.json."""
    kinds: int = 64
    """How many kinds to tell apart: a few for every move that a person would name."""
    seconds: float = 2.0
    """How much of a dance, most of it after a frame, shows which move the frame is of."""
    seed: int = 0
    """Where the search for kinds begins."""
    overwrite: bool = False
    """Learn the kinds anew, and replace what was written. Otherwise new sequences get kinds that are known already."""

    def __post_init__(self) -> None:
        check_name(self.name, what="feature name")
        if self.kinds < 2 or not self.seconds > 0:
            raise OptionsError(f"there must be 2 kinds and some seconds at least, got {self.kinds}, {self.seconds:g}")


@dataclass(frozen=True, kw_only=True)
class MovesReport:
    """What was written."""

    folder: Path
    name: str
    written: int
    skipped: int
    changes_per_minute: float
    """How often the kind changes in what was written."""

    def __str__(self) -> str:
        skipped = f", {self.skipped} were there already" if self.skipped else ""
        changes = f"; {self.changes_per_minute:.0f} changes a minute" if self.written else ""
        return f"{self.folder}: {self.name} of {self.written} sequences written{skipped}{changes}"


def extract_moves(options: MovesExtraction) -> MovesReport:
    """Write the kind of every frame, ``[T, 1]``, and before it the sidecar, so that no array is without.

    Raises:
        DataError: there is no such motion feature, or too little of it; or kinds of another feature are there already.
    """
    store = Store(options.folder)
    ids = store.contents().get(options.of, [])
    fps = (store.sidecar(options.of) or {}).get("fps")
    if not ids or not isinstance(fps, int | float) or not fps > 0:
        raise DataError(f"{options.folder} holds no {options.of!r} with a sidecar; make it with `extract motion`")
    known = _known(options, store)
    sidecar = _learnt(options, store, ids, float(fps)) if known is None or options.overwrite else known
    if sidecar is not known:
        write_sidecar(options.folder / f"{options.name}.json", sidecar)
    pending = [one for one in ids if sidecar is not known or not _is_done(options, store, one)]
    changes = frames = 0
    for one in progress(pending, label=options.name, unit="sequence"):
        kinds = encode_moves(store.open(one, options.of).read(), sidecar)
        write_array(store.path(one, options.name), kinds)
        changes, frames = changes + int(np.count_nonzero(np.diff(kinds[:, 0]))), frames + len(kinds)
    return MovesReport(
        folder=options.folder,
        name=options.name,
        written=len(pending),
        skipped=len(ids) - len(pending),
        changes_per_minute=60 * fps * changes / max(1, frames),
    )


def _is_done(options: MovesExtraction, store: Store, one: str) -> bool:
    """Whether a sequence has kinds of the motion that it has now."""
    made = store.path(one, options.name)
    return made.exists() and made.stat().st_mtime >= store.path(one, options.of).stat().st_mtime


def _learnt(options: MovesExtraction, store: Store, ids: list[str], fps: float) -> MovesSidecar:
    listed, known = store.ids(_TRAIN) if _TRAIN in store.splits() else ids, set(ids)
    return learn_moves(
        [store.open(one, options.of).read() for one in listed if one in known],
        kinds=options.kinds,
        frames=max(1, round(options.seconds * fps)),
        fps=fps,
        of=options.of,
        seed=options.seed,
    )


def _known(options: MovesExtraction, store: Store) -> MovesSidecar | None:
    """What describes the moves that are there; nothing else may be replaced."""
    path, found = options.folder / f"{options.name}.json", store.sidecar(options.name)
    if found is None:
        return None
    if found.get("kind") != "moves" or found.get("of") != options.of:
        raise DataError(f"{path} does not describe moves in {options.of!r}; choose another --name")
    sidecar = sidecar_from_dict(found, path)
    assert isinstance(sidecar, MovesSidecar)
    return sidecar
