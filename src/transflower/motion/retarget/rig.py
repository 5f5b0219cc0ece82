"""What must be known of a skeleton to take motion from it, or to put motion on it.

Shape letters: J joints, P points of a foot (ankle, ball), T frames.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.anatomy import points
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.humanoid.find import find_bones
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.retarget.frames import bone_frames
from transflower.motion.retarget.standing import StandingPose, find_standing_pose
from transflower.motion.root import settle_bones
from transflower.motion.skeleton import Skeleton

FLOOR_PERCENTILE = 5
"""Of the heights of a foot in a recording: usually it stands then."""
_ENOUGH_SECONDS = 1.0
"""Motion from which the height of standing feet is told."""
_ON_FLOOR = (-0.03, 0.12)
"""Heights of the lowest point of a rest pose that stands on a floor at 0, as shares of the length of a leg."""
_BALL_SHARE = 0.75
"""How far from the ankle to the tip the ball of a foot is."""
_LEAST_FOOT = 0.1
"""From the ankle ahead to the tip, in lengths of a leg, for it to be that of a foot."""
_BALL = np.array([0.0, -0.1, 0.2])
"""From the ankle to the ball of a foot that has no toes, in lengths of a leg."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rig:
    """A skeleton, its bones, and how it stands."""

    humanoid: Humanoid
    """Which joint is which bone."""
    standing: StandingPose
    """A pose in which it stands."""
    frames: Mapping[str, Float[np.ndarray, "4"]]
    """The axes of each bone, as its joint sees them."""
    flat: Float[np.ndarray, "P"] | None
    """Heights of ankle and ball of a foot that stands flat; None where nothing tells the floor."""
    mover: int
    """The joint that carries the body through the world: the root, or the hips below it."""

    @property
    def skeleton(self) -> Skeleton:
        """The skeleton."""
        return self.humanoid.skeleton

    @cached_property
    def leg_length(self) -> float:
        """Metres from the hip joint to the ankle along the bones."""
        lengths = [self._length(f"{side}UpperLeg", f"{side}LowerLeg") for side in SIDES]
        lengths += [self._length(f"{side}LowerLeg", f"{side}Foot") for side in SIDES]
        return sum(lengths) / len(SIDES)

    @cached_property
    def balls(self) -> Float[np.ndarray, "2 3"]:
        """From each ankle to the ball of the foot, in the axes of the foot."""
        return np.stack([self._ball(side) for side in SIDES])

    def _length(self, start: str, end: str) -> float:
        joints = self.humanoid.joints
        return float(np.linalg.norm(self.standing.points[joints[end]] - self.standing.points[joints[start]]))

    def _ball(self, side: str) -> Float[np.ndarray, "3"]:
        """The joint of the toes where that lies ahead, else a part of the way to the tip of the foot."""
        foot, toes = self.humanoid.joints[f"{side}Foot"], self.humanoid.joints.get(f"{side}Toes")
        skeleton, where = self.skeleton, self.standing.points
        sites = list(skeleton.end_sites)
        joints = [foot] if toes is None else [toes, foot]
        tips = [skeleton.num_joints + sites.index(joint) for joint in joints if joint in sites]
        ends = [(1.0, joint) for joint in joints[:-1]] + [(_BALL_SHARE, tip) for tip in tips]
        axes = rot.multiply(self.standing.rotations[foot], self.frames[f"{side}Foot"])
        for share, point in ends:
            ball = share * rot.rotate(rot.inverse(axes), where[point] - where[foot])
            if ball[2] > _LEAST_FOOT * self.leg_length:
                return np.asarray(ball)
        return _BALL * self.leg_length

    def trunk_frame(self, joint: int) -> Float[np.ndarray, "4"]:
        """The axes of the trunk as a joint of it sees them, whether it is a bone of its own or not."""
        return rot.multiply(rot.inverse(self.standing.rotations[joint]), self.standing.body)

    def feet(self, world: kinematics.World) -> Float[np.ndarray, "T 2 P 3"]:
        """Where ankle and ball of each foot are."""
        positions, rotations = world
        ankles = [self.humanoid.joints[f"{side}Foot"] for side in SIDES]
        frames = np.stack([self.frames[f"{side}Foot"] for side in SIDES])
        axes = rot.multiply(rotations[:, ankles], frames)
        balls = positions[:, ankles] + rot.rotate(axes, self.balls)
        return np.stack([positions[:, ankles], balls], axis=2)


def read_rig(clip: Clip | Skeleton, humanoid: Humanoid | None = None, *, what: str = "the skeleton") -> Rig:
    """What must be known of the skeleton of a recording, or of a character at rest.

    Args:
        clip: the recording, whose motion tells more than the rest pose does; or the skeleton alone.
        humanoid: which joint is which bone; by default what can be told.
        what: what it is, for messages.

    Raises:
        DataError: bones are missing that a dance needs, or nothing shows the skeleton as it stands.
    """
    motion = None if isinstance(clip, Skeleton) else settle_bones(clip)
    skeleton = clip if isinstance(clip, Skeleton) else settle_bones(clip).skeleton
    humanoid = Humanoid(skeleton, humanoid.joints) if humanoid else told_bones(skeleton if motion is None else motion)
    humanoid.check_complete(what)
    standing = find_standing_pose(humanoid, motion, what=what)
    frames = bone_frames(humanoid, standing, motion)
    hips = humanoid.joints["hips"]
    mover = hips if motion is None or hips in motion.translations else 0
    rig = Rig(humanoid=humanoid, standing=standing, frames=frames, flat=None, mover=mover)
    return Rig(humanoid=humanoid, standing=standing, frames=frames, flat=_flat(rig, motion), mover=mover)


def told_bones(clip: Clip | Skeleton) -> Humanoid:
    """The bones that can be told: by names, then by the shape of the rest pose, then by that of a typical frame."""
    if isinstance(clip, Skeleton):
        return find_bones(clip)
    humanoid = find_bones(clip.skeleton)
    if humanoid.missing:
        where = points(clip)
        middle = np.median(where[..., 1], axis=0)
        typical = np.argmin(np.abs(where[..., 1] - middle).sum(axis=1))
        humanoid = find_bones(clip.skeleton, where[typical])
    return humanoid


def _flat(rig: Rig, clip: Clip | None) -> Float[np.ndarray, "P"] | None:
    if clip is not None and clip.seconds >= _ENOUGH_SECONDS:
        heights = rig.feet(kinematics.forward(clip))[..., 1]
        return np.percentile(heights, FLOOR_PERCENTILE, axis=0).min(axis=0)
    pose = rig.standing
    lowest = pose.points[:, 1].min() / rig.leg_length
    if not _ON_FLOOR[0] < lowest < _ON_FLOOR[1]:
        return None
    return rig.feet((pose.points[None, : rig.skeleton.num_joints], pose.rotations[None]))[0, ..., 1].mean(axis=0)
