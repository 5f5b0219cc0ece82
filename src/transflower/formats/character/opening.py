"""Opening a character of any kind."""

from pathlib import Path

from transflower.core.errors import FormatError
from transflower.core.files import check_file
from transflower.formats.character.bvh import open_bvh_character
from transflower.formats.character.character import Character
from transflower.formats.character.common import COMMON, common_character
from transflower.formats.character.gltf import open_gltf_character
from transflower.formats.format import ReadOptions

_AUTO = ReadOptions()
_OPENERS = {
    ".bvh": open_bvh_character,
    ".glb": open_gltf_character,
    ".gltf": open_gltf_character,
    ".vrm": open_gltf_character,
}
CHARACTER_SUFFIXES = tuple(_OPENERS)
"""Ends of the names of characters, in lower case."""


def open_character(path: Path | str, bone_map: Path | str | None = None, options: ReadOptions = _AUTO) -> Character:
    """Open a BVH, GLB, glTF or VRM file as a character.

    Args:
        path: the file; ``common`` for the skeleton on which recordings of any skeletons come together.
        bone_map: a file that says which joint is which bone; where there is none, it is written, to be corrected.
        options: unit and up axis of a BVH file.

    Raises:
        FormatError: the file is broken or of another kind, or the table is wrong.
        DataError: bones are missing that a dance needs, or the rest pose is not that of somebody who stands.
    """
    path = Path(path)
    if path == COMMON:
        return common_character()
    opener = _OPENERS.get(path.suffix.lower())
    if opener is None:
        raise FormatError(path, f"is no character; there are: {', '.join(CHARACTER_SUFFIXES)}")
    check_file(path)
    return opener(path, None if bone_map is None else Path(bone_map), options)
