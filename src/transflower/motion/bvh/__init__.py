"""BVH files: reading what exporters produce, and writing it back in the same form."""

from transflower.motion.bvh.layout import BvhLayout
from transflower.motion.bvh.reader import BvhFile, read_bvh, read_skeleton
from transflower.motion.bvh.writer import write_bvh

__all__ = ["BvhFile", "BvhLayout", "read_bvh", "read_skeleton", "write_bvh"]
