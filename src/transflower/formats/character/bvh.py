"""BVH files as characters: the dance comes back in a file of the same layout."""

from pathlib import Path

from transflower.formats.bvh import read_bvh, read_skeleton, write_bvh
from transflower.formats.bvh.reader import NoMotionError
from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.character.bones import choose_bones
from transflower.formats.character.character import Character
from transflower.formats.format import ReadOptions
from transflower.motion.clip import Clip
from transflower.motion.retarget import read_rig
from transflower.motion.retarget.rig import told_bones
from transflower.motion.root import settle_bones
from transflower.motion.skeleton import Skeleton


def open_bvh_character(path: Path, table: Path | None, options: ReadOptions) -> Character:
    """Open a BVH file, with or without motion.

    Raises:
        FormatError: it is no BVH.
        DataError: bones are missing that a dance needs, or nothing shows how it stands.
    """
    shown, layout = _read(path, options)
    found = told_bones(shown if isinstance(shown, Skeleton) else settle_bones(shown))
    rig = read_rig(shown, choose_bones(path, found, table), what=str(path))

    def write(target: Path, clip: Clip, _: str) -> None:
        write_bvh(target, clip, layout=layout)

    return Character(path=path, rig=rig, suffixes=(".bvh",), write_clip=write, layout=layout)


def _read(path: Path, options: ReadOptions) -> tuple[Clip | Skeleton, BvhLayout | None]:
    try:
        recording = read_bvh(path, unit=options.unit, up=options.up)
    except NoMotionError:
        return read_skeleton(path, unit=options.unit, up=options.up), None
    return recording.clip, recording.layout
