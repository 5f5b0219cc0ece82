"""Motion of a file of any kind: formats of motion files, and stored features."""

import logging
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.files import read_json
from transflower.data.store import Store
from transflower.features.extraction.sources import SEPARATOR
from transflower.features.motion.codec import decode_motion
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.format import ReadOptions
from transflower.formats.gltf.container import read_gltf
from transflower.formats.recording import Recording
from transflower.formats.registry import (
    FORMATS,
    find_format,
    find_suffix,
    is_motion_file,
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
    order = [suffix for known in FORMATS.values() for suffix in known.suffixes] + [_FEATURES]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _has_motion(path))
    ends = {path: find_suffix(path) or _FEATURES for path in files}
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
    if is_motion_file(path):
        known = find_format(path)
        # A file that cannot be read is reported when it is read.
        return not (known is not None and known.name == "glb" and _is_mere_character(path))
    feature = path.stem.rpartition(".")[2]
    sidecar = path.with_name(f"{feature}.json")
    return path.suffix.lower() == _FEATURES and sidecar.is_file() and read_json(sidecar).get("kind") == "motion"


def _is_mere_character(path: Path) -> bool:
    try:
        return not read_gltf(path).document.get("animations")
    except TransflowerError:
        return False


def open_motion(path: Path, options: ReadOptions = ReadOptions()) -> Recording:  # noqa: B008  # It is frozen.
    """Read the motion of a file.

    Raises:
        FormatError: it holds no motion.
        OptionsError: no such unit or axis.
    """
    if path.suffix.lower() == _FEATURES and not is_motion_file(path):
        return _decode_features(path)
    return read_recording(path, options)


def _decode_features(path: Path) -> Recording:
    """Motion of stored features, ``ID.FEATURE.npy``, by the sidecar beside them."""
    sequence_id, _, feature = path.stem.rpartition(".")
    if not sequence_id:
        raise FormatError(path, "is not called ID.FEATURE.npy, so nothing says which motion its columns are")
    sidecar = read_sidecar(path.with_name(f"{feature}.json"))
    if not isinstance(sidecar, MotionSidecar):
        raise FormatError(path, f"holds {sidecar.kind} features, not motion")
    rows = Store(path.parent).open(sequence_id, feature).read()
    if rows.shape[1] != len(sidecar.names) or not np.isfinite(rows).all():
        raise FormatError(path, f"does not hold {len(sidecar.names)} finite columns, as its sidecar says")
    return Recording(clip=decode_motion(rows, sidecar), layout=sidecar.layout)
