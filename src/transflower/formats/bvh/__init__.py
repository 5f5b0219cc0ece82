"""BVH files: reading what exporters produce, and writing it back in the same form."""

from transflower.formats.bvh.reader import read_bvh, read_skeleton
from transflower.formats.bvh.writer import write_bvh
from transflower.formats.bvh_layout import BvhLayout

__all__ = ["BvhLayout", "read_bvh", "read_skeleton", "write_bvh"]
