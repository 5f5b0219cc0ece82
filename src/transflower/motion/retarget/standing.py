"""A pose in which a body stands straight: its rest pose, or what a recording tells where the rest pose is another.

Some exporters write skeletons whose bones all point along one axis when nothing is turned. What such a bone looks like
in a standing body is only told by a recording: by a T-pose in it, else by all of its motion together, as a frame of
somebody who stands may have a head that looks aside and feet that roll.

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
from transflower.motion.retarget.assembled_limbs import limb_axes
from transflower.motion.retarget.assembled_trunk import trunk_axes
from transflower.motion.retarget.evidence import Evidence

_FRAMES_LOOKED_AT = 200
_STANDS = 0.25
"""Most that is wrong with a rest pose, in the measure of ``_faults``; legs may be apart by 25 degrees each."""
_NEARLY_STANDS = 0.6
"""Most that is wrong with the trunk and the legs of a frame."""
_T_POSE = {"Arm": ("Hand", np.radians(4)), "Leg": ("Foot", np.radians(10))}
"""How far from a T-pose a limb may be for head, hands and feet to be straight, too: nobody dances so."""
_T_POSE_TRUNK = np.radians(20)
"""The same of the line from the hips to the head."""
_STANDING_SHARE = 0.1
"""Of the frames, the best of which tell how joints are turned."""
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
    is_exact: bool
    """Whether it is the rest pose or a T-pose of a recording, and not one that is put together."""


def find_standing_pose(humanoid: Humanoid, clip: Clip | None = None, *, what: str = "the skeleton") -> StandingPose:
    """The rest pose where it is one of somebody who stands, whatever the arms do at the sides; else what motion tells.

    Raises:
        DataError: there is no such pose.
    """
    skeleton = humanoid.skeleton
    rest = rest_points(skeleton)
    if max(part[0] for part in _faults(humanoid.joints, rest[None])) < _STANDS:
        return _pose(humanoid, rest, rot.identity(skeleton.num_joints), is_exact=True)
    if clip is not None:
        few = clip[:: -(-clip.num_frames // _FRAMES_LOOKED_AT)]
        world = forward(few)
        poses = points(few, world)
        straight = _from_t_pose(humanoid.joints, poses)
        if straight.min() < 1:
            shown = int(np.argmin(straight))
            return _pose(humanoid, poses[shown], world[1][shown], is_exact=True)
        body, arms = _faults(humanoid.joints, poses)
        best = int(np.argmin(body + _ARMS * arms))
        if body[best] < _NEARLY_STANDS and _upright(humanoid.joints, poses[best]) > _LEAST_UPRIGHT:
            stands = body <= max(body[best], min(np.quantile(body, _STANDING_SHARE), _NEARLY_STANDS))
            evidence = Evidence(humanoid=humanoid, points=poses, rotations=world[1], stands=stands)
            return _assembled(evidence, best)
    if has_four_legs(skeleton):
        raise DataError(f"{what}: its body stands on four legs; only human bodies can be put on each other")
    told = "neither the rest pose nor a frame of it is" if clip else "its rest pose is not"
    raise DataError(f"{what}: {told} that of somebody who stands; export it in a T-pose or an A-pose")


def _assembled(evidence: Evidence, best: int) -> StandingPose:
    """A T-pose put together from all frames; what is no bone is as in the best frame, on whose floor it stands."""
    humanoid, frame = evidence.humanoid, evidence.rotations[best]
    axes = trunk_axes(evidence) | limb_axes(evidence)
    rotations = rot.multiply(rot.inverse(evidence.heading[best]), frame)
    local = rotations.copy()
    for joint, parent in enumerate(humanoid.skeleton.parents):
        if parent >= 0:
            local[joint] = rot.multiply(rot.inverse(frame[parent]), frame[joint])
            rotations[joint] = rot.multiply(rotations[parent], local[joint])
        if joint in axes:
            rotations[joint] = local[joint] = rot.inverse(axes[joint])
        if joint in axes and parent >= 0:
            local[joint] = rot.multiply(rot.inverse(rotations[parent]), rotations[joint])
    where = points(Clip(humanoid.skeleton, 1.0, local[None], {0: np.zeros((1, 3))}))[0]
    where[:, 1] += evidence.points[best, :, 1].min() - where[:, 1].min()
    return _pose(humanoid, where, rotations, is_exact=False)


def _upright(joints: Mapping[str, int], where: Float[np.ndarray, "N 3"]) -> float:
    """The height that the trunk gains from hips to head, as a share of its length."""
    trunk = where[joints["head"]] - where[joints["hips"]]
    return float(trunk[1] / max(np.linalg.norm(trunk), 1e-12))


def _pose(
    humanoid: Humanoid, where: Float[np.ndarray, "N 3"], rotations: Float[np.ndarray, "J 4"], *, is_exact: bool
) -> StandingPose:
    across = where[humanoid.joints["leftUpperLeg"]] - where[humanoid.joints["rightUpperLeg"]]
    return StandingPose(
        points=where,
        rotations=rotations,
        body=rot.from_yaw(np.asarray(np.arctan2(-across[2], across[0]))),
        is_exact=is_exact,
    )


def _from_t_pose(joints: Mapping[str, int], where: Float[np.ndarray, "C N 3"]) -> Float[np.ndarray, " C"]:
    """How far the farthest of trunk, arms and legs is from where it is in a T-pose, 1 being as far as it may be."""
    across = rot.unit((where[:, joints["leftUpperLeg"]] - where[:, joints["rightUpperLeg"]]) * [1, 0, 1])
    trunk = rot.unit(where[:, joints["head"]] - where[:, joints["hips"]])[:, 1]
    apart = [np.arccos(np.clip(trunk, -1, 1)) / _T_POSE_TRUNK]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        ways = {"Arm": sign * across, "Leg": np.broadcast_to(np.array([0.0, -1, 0]), across.shape)}
        for limb, (end, most) in _T_POSE.items():
            path = [joints[side + bone] for bone in (f"Upper{limb}", f"Lower{limb}", end)]
            cosines = np.sum(rot.unit(np.diff(where[:, path], axis=1)) * ways[limb][:, None], axis=-1)
            apart.append(np.arccos(np.clip(cosines.min(axis=1), -1, 1)) / most)
    return np.max(apart, axis=0)


def _faults(
    joints: Mapping[str, int], where: Float[np.ndarray, "C N 3"]
) -> tuple[Float[np.ndarray, " C"], Float[np.ndarray, " C"]]:
    """How far each pose is from a T-pose, an A-pose or one with the arms at the sides: 0 is such a pose, 1 is none.

    Of trunk and legs, and of the arms.
    """

    def way(start: str, end: str) -> Float[np.ndarray, "C 3"]:
        return rot.unit(where[:, joints[end]] - where[:, joints[start]])

    across = rot.unit((where[:, joints["leftUpperLeg"]] - where[:, joints["rightUpperLeg"]]) * [1, 0, 1])
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
