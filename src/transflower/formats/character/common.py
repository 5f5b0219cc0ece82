"""The common skeleton as a character, named by the word ``common`` in place of a file."""

from pathlib import Path

from transflower.formats.bvh import write_bvh
from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.character.character import Character
from transflower.motion.clip import Clip
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.retarget import read_rig

COMMON = Path("common")
"""What stands for the common skeleton where a file of a character may stand."""


def common_character(*, fingers: bool = False) -> Character:
    """The common skeleton, which is written as a BVH in centimetres."""
    layout = BvhLayout()

    def write(target: Path, clip: Clip, _: str) -> None:
        write_bvh(target, clip, layout=layout)

    rig = read_rig(common_skeleton(fingers=fingers))
    return Character(path=COMMON, rig=rig, suffixes=(".bvh",), write_clip=write, layout=layout)
