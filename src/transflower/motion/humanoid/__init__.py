"""Which joint of a skeleton is which bone of a humanoid."""

from transflower.motion.humanoid.find import find_bones
from transflower.motion.humanoid.humanoid import Humanoid

__all__ = ["Humanoid", "find_bones"]
