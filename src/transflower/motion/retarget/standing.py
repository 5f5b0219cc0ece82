"""A pose in which a body stands straight: its rest pose, or a frame of a recording where the rest pose is another.

Some exporters write skeletons whose bones all point along one axis when nothing is turned. What such a bone looks like
in a standing body is only told by a recording.

Shape letters: C poses, J joints, N points (joints, then end sites).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.anatomy import points
from transflower.motion.axes import has_four_legs
from transflower.motion.clip import Clip
from transflower.motion.humanoid.find import rest_points
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.kinematics import forward

_FRAMES_LOOKED_AT = 200
_STANDS = 0.25
"""Most that is wrong with a rest pose, in the measure of ``_faults``; legs may be apart by 25 degrees each."""
_NEARLY_STANDS = 0.6
"""Most that is wrong with the trunk and the legs of a frame."""
_LEAST_UPRIGHT = 0.75
"""Of the trunk of a frame; that of a beast on four legs is flatter."""
_ARMS = 0.5
"""How much the arms of a frame count beside the trunk and the legs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StandingPose:
    """A body that stands straight, Y up."""

    points: Float[np.ndarray, "N 3"]
    """Where its joints and end sites are."""
    rotations: Float[np.ndarray, "J 4"]
    """World rotations of its joints."""
    body: Float[np.ndarray, "4"]
    """The rotation from the axes of a body that faces +Z to this one: about Y alone."""
    is_rest: bool
    """Whether it is the rest pose, and not a frame."""


def find_standing_pose(humanoid: Humanoid, clip: Clip | None = None, *, what: str = "the skeleton") -> StandingPose:
    """The rest pose where it is one of somebody who stands, whatever the arms do at the sides; else the best frame.

    Raises:
        DataError: there is no such pose.
    """
    skeleton = humanoid.skeleton
    rest = rest_points(skeleton)
    if max(part[0] for part in _faults(humanoid.joints, rest[None])) < _STANDS:
        return _pose(humanoid, rest, rot.identity(skeleton.num_joints), is_rest=True)
    if clip is not None:
        few = clip[:: -(-clip.num_frames // _FRAMES_LOOKED_AT)]
        world = forward(few)
        poses = points(few, world)
        body, arms = _faults(humanoid.joints, poses)
        best = int(np.argmin(body + _ARMS * arms))
        if body[best] < _NEARLY_STANDS and _upright(humanoid.joints, poses[best]) > _LEAST_UPRIGHT:
            return _pose(humanoid, poses[best], world[1][best], is_rest=False)
    if has_four_legs(skeleton):
        raise DataError(f"{what}: its body stands on four legs; only human bodies can be put on each other")
    told = "neither the rest pose nor a frame of it is" if clip else "its rest pose is not"
    raise DataError(f"{what}: {told} that of somebody who stands; export it in a T-pose or an A-pose")


def _upright(joints: Mapping[str, int], where: Float[np.ndarray, "N 3"]) -> float:
    """The height that the trunk gains from hips to head, as a share of its length."""
    trunk = where[joints["head"]] - where[joints["hips"]]
    return float(trunk[1] / max(np.linalg.norm(trunk), 1e-12))


def _pose(
    humanoid: Humanoid, where: Float[np.ndarray, "N 3"], rotations: Float[np.ndarray, "J 4"], *, is_rest: bool
) -> StandingPose:
    across = where[humanoid.joints["leftUpperLeg"]] - where[humanoid.joints["rightUpperLeg"]]
    return StandingPose(
        points=where,
        rotations=rotations,
        body=rot.from_yaw(np.asarray(np.arctan2(-across[2], across[0]))),
        is_rest=is_rest,
    )


def _faults(
    joints: Mapping[str, int], where: Float[np.ndarray, "C N 3"]
) -> tuple[Float[np.ndarray, " C"], Float[np.ndarray, " C"]]:
    """How far each pose is from a T-pose, an A-pose or one with the arms at the sides: 0 is such a pose, 1 is none.

    Of trunk and legs, and of the arms.
    """

    def way(start: str, end: str) -> Float[np.ndarray, "C 3"]:
        bone = where[:, joints[end]] - where[:, joints[start]]
        return bone / np.maximum(np.linalg.norm(bone, axis=-1, keepdims=True), 1e-12)

    across = (where[:, joints["leftUpperLeg"]] - where[:, joints["rightUpperLeg"]]) * [1, 0, 1]
    across = across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-12)
    body, arms = [1 - np.linalg.norm(across, axis=-1), 1 - way("hips", "head")[:, 1]], []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for upper, lower in (("UpperLeg", "LowerLeg"), ("LowerLeg", "Foot")):
            body.append(np.maximum(1 + way(side + upper, side + lower)[:, 1] - 0.1, 0))
        for upper, lower in (("UpperArm", "LowerArm"), ("LowerArm", "Hand")):
            arm = way(side + upper, side + lower)
            outwards = sign * np.sum(arm * across, axis=-1)
            # An arm may point anywhere between down and outwards.
            wrong = 1 - np.hypot(np.maximum(outwards, 0), np.maximum(-arm[:, 1], 0))
            arms.append(np.maximum(wrong - 0.1, 0))
    return np.max(body, axis=0), np.max(arms, axis=0)
