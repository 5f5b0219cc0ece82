"""Which joint of a character is which bone, as names and shape tell or as a user's table says."""

import logging
from pathlib import Path

from transflower.core.errors import DataError
from transflower.motion.humanoid.bone_map import read_bone_map, write_bone_map
from transflower.motion.humanoid.humanoid import Humanoid

log = logging.getLogger(__name__)


def choose_bones(path: Path, found: Humanoid, table: Path | None) -> Humanoid:
    """The bones of a character.

    Args:
        path: its file, for messages.
        found: what was found.
        table: a file that says which joint is which bone. Where there is none it is written, to be corrected.

    Raises:
        FormatError: the table is wrong.
        DataError: bones are missing that a dance needs.
    """
    if table is not None and table.exists():
        return read_bone_map(table, found.skeleton)
    if table is not None:
        write_bone_map(table, found)
        log.info("%s: which joint is which bone is written to %s; correct it if need be", path, table)
        if found.missing:
            raise DataError(f"{path} lacks bones: fill in {', '.join(found.missing)} in {table}, which was written")
    found.check_complete(str(path), advice="say which joint is which bone by --map FILE")
    return found
