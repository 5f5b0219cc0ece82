"""Putting the motion of one skeleton on another one."""

from transflower.motion.retarget.retarget import retarget
from transflower.motion.retarget.rig import Rig, read_rig

__all__ = ["Rig", "read_rig", "retarget"]
