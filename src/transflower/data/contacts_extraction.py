"""Which feet stand in a folder of motion features: ``<id>.contacts.npy``, and the sidecar ``contacts.json``."""

from collections import Counter

import numpy as np

from transflower.core.errors import DataError, FormatError
from transflower.core.files import is_there, write_array
from transflower.core.progress import progress
from transflower.data.derived_features import DerivedReport, ids_with, known_sidecar
from transflower.data.store import Store
from transflower.data.stored_motion import open_motion
from transflower.data.verb_options import ContactsExtraction
from transflower.features.contacts import encode_contacts, find_feet
from transflower.features.sidecar import ContactsSidecar, MotionSidecar, read_sidecar, write_sidecar
from transflower.motion.clip import Clip

_LOOKED_AT = 9
"""Sequences of a folder in which feet are looked for."""


def extract_contacts(options: ContactsExtraction) -> DerivedReport:
    """Write the class of every frame, ``[T, 1]``, and before it the sidecar, so that no array lacks one.

    Raises:
        DataError: there is no such motion feature or sidecar of it, it has no legs, or another feature has that name.
        FormatError: the sidecar or an array of the motion cannot be read.
    """
    store = Store(options.folder)
    ids = ids_with(store, options.of)
    sidecar, known = _sidecar(options, store, ids), known_sidecar(store, options.name, ContactsSidecar, of=options.of)
    if sidecar != known:
        write_sidecar(options.folder / f"{options.name}.json", sidecar)
    is_new = options.overwrite or sidecar != known
    pending = [one for one in ids if is_new or not store.is_current(one, options.name, of=options.of)]
    changes, seconds = 0, 0.0
    for one in progress(pending, label=options.name, unit="sequence"):
        clip = _motion(store, one, options.of)
        classes = encode_contacts(clip, sidecar)
        write_array(store.path(one, options.name), classes)
        changes, seconds = changes + int(np.count_nonzero(np.diff(classes[:, 0]))), seconds + clip.seconds
    return DerivedReport(
        folder=options.folder,
        name=options.name,
        feet=sidecar.feet,
        written=len(pending),
        skipped=len(ids) - len(pending),
        changes_per_minute=60 * changes / max(1e-9, seconds),
    )


def _sidecar(options: ContactsExtraction, store: Store, ids: list[str]) -> ContactsSidecar:
    path = options.folder / f"{options.of}.json"
    if not is_there(path):
        raise DataError(f"{path} is missing, which tells whose feet these are; `transflower extract motion` writes it")
    motion = read_sidecar(path)
    if not isinstance(motion, MotionSidecar):
        raise FormatError(path, f"describes {motion.kind} features, not motion")
    feet = _feet(options, store, ids)
    return ContactsSidecar(fps=motion.fps, of=options.of, ahead=round(options.seconds * motion.fps), feet=feet)


def _feet(options: ContactsExtraction, store: Store, ids: list[str]) -> tuple[str, ...]:
    """The feet of the skeleton, which all sequences share: as most of some find them, as bodies may lie or crawl."""
    found: list[tuple[str, ...]] = []
    fault: DataError | None = None
    for index in np.unique(np.linspace(0, len(ids) - 1, _LOOKED_AT).round().astype(int)):
        try:
            found.append(find_feet(_motion(store, ids[index], options.of)))
        except DataError as error:
            fault = error
    if not found:
        raise fault or DataError(f"{options.folder} holds no motion")
    return Counter(found).most_common(1)[0][0]


def _motion(store: Store, one: str, feature: str) -> Clip:
    return open_motion(store.path(one, feature)).clip
