"""The options ``--onto``, ``--map`` and ``--bvh_preset``: how motion is written, and on whose skeleton."""

from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.formats.character import open_character
from transflower.formats.writing import MotionWriter


def motion_writer(onto: Path | None, bone_map: Path | None, bvh_preset: str | None) -> MotionWriter:
    """What writes motion as the options ask for.

    Raises:
        OptionsError: a table without a character, or there is no such preset.
        DataError: the character cannot dance.
    """
    if bone_map is not None and onto is None:
        raise OptionsError("--map is the table of a character; name it by --onto")
    character = None if onto is None else open_character(onto, bone_map)
    return MotionWriter(character=character, bvh_preset=bvh_preset)
