"""The motion files of a folder."""

import logging
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import read_json
from transflower.data.stored_motion import is_stored
from transflower.features.extraction.sources import SEPARATOR
from transflower.formats.finedance import sidecar_of
from transflower.formats.registry import (
    FORMATS,
    find_suffix,
    holds_motion,
    readable_suffixes,
)

log = logging.getLogger(__name__)


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
    if is_stored(path):
        return read_json(sidecar_of(path)).get("kind") == "motion"
    return holds_motion(path)
