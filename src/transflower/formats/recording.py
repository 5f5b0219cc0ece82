"""A recording of motion as a file holds it."""

from dataclasses import dataclass

from transflower.formats.bvh_layout import BvhLayout
from transflower.motion.clip import Clip


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """What the reader of a format gives, and its writer takes."""

    clip: Clip
    """In metres, Y up."""
    layout: BvhLayout | None = None
    """How a BVH file wrote it: hand it on to write a file of the same kind. None for other formats."""
