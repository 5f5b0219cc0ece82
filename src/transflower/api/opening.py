"""Motion of a file of any kind: formats of motion files, and stored features."""

import logging
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError, FormatError
from transflower.core.files import read_json
from transflower.data.store import Store
from transflower.data.stored_motion import decode_stored
from transflower.features.extraction.sources import SEPARATOR
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.finedance import sidecar_of
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import (
    FORMATS,
    find_suffix,
    holds_motion,
    read_recording,
    readable_suffixes,
)

log = logging.getLogger(__name__)

_FEATURES = ".npy"


def find_motion(folder: Path) -> list[tuple[str, Path]]:
    """The motion files of a folder and of those in it, each with a name that its sub-folders are part of.

    Of several with the same name, the format that comes first in the registry is taken. Hidden files, features that
    are no motion, and characters without motion are passed over.

    Raises:
        DataError: there is no motion.
    """
    found: dict[str, Path] = {}
    order = [suffix for known in FORMATS.values() for suffix in known.suffixes]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _has_motion(path))
    ends = {path: find_suffix(path) or "" for path in files}
    for path in sorted(files, key=lambda path: order.index(ends[path])):
        name = SEPARATOR.join(path.relative_to(folder).parts)
        found.setdefault(name[: -len(ends[path])], path)
    if not found:
        raise DataError(f"{folder} holds no motion; that is in files that end in {', '.join(readable_suffixes())}")
    passed = len(files) - len(found)
    if passed:
        log.info("%s: passed over %d files that only differ in the end of their names from others", folder, passed)
    return sorted(found.items())


def _has_motion(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    if _is_feature(path):
        return read_json(sidecar_of(path)).get("kind") == "motion"
    return holds_motion(path)


def _is_feature(path: Path) -> bool:
    """Whether an array has a sidecar that describes it."""
    return path.suffix.lower() == _FEATURES and "." in path.stem and sidecar_of(path).is_file()


def open_motion(path: Path, options: ReadOptions = ReadOptions()) -> Recording:  # noqa: B008  # It is frozen.
    """Read the motion of a file.

    Raises:
        FormatError: it holds no motion.
        OptionsError: no such unit or axis.
    """
    if _is_feature(path):
        return _decode_features(path)
    return read_recording(path, options)


def _decode_features(path: Path) -> Recording:
    """Motion of stored features, ``ID.FEATURE.npy``, by the sidecar beside them."""
    sequence_id, _, feature = path.stem.rpartition(".")
    sidecar = read_sidecar(sidecar_of(path))
    if not isinstance(sidecar, MotionSidecar):
        raise FormatError(path, f"holds {sidecar.kind} features, not motion")
    rows = Store(path.parent).open(sequence_id, feature).read()
    if rows.shape[1] != len(sidecar.names) or not np.isfinite(rows).all():
        raise FormatError(path, f"does not hold {len(sidecar.names)} finite columns, as its sidecar says")
    return Recording(clip=decode_stored(rows, sidecar, path), layout=sidecar.layout)
