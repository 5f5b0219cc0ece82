"""The dancers' skeleton, and how its feet stand."""

from transflower.motion.common_skeleton import BALL_HEIGHT, common_skeleton

__all__ = ["BALL_HEIGHT", "HEEL_BEHIND_BALL", "SKELETON"]

HEEL_BEHIND_BALL = 0.18
"""Metres from the ball of the foot (the toe joint) back to the heel."""

SKELETON = common_skeleton()
"""Names, parents and bone lengths of every synthetic dancer."""
