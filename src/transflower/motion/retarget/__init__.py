"""Putting the motion of one skeleton on another one."""

from transflower.motion.retarget.retarget import retarget
from transflower.motion.retarget.rig import Rig, read_rig
from transflower.motion.retarget.shared import read_shared_rig, with_own_floor

__all__ = ["Rig", "read_rig", "read_shared_rig", "retarget", "with_own_floor"]
