"""Skeletons whose rest pose is not that of somebody who stands, and of which only motion tells how they do."""

import numpy as np
import pytest

from tests.motion.humanoid.bodies import MIXAMO, Body
from tests.motion.retarget.test_retarget import along_one_axis, dance
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES, side
from transflower.motion.kinematics import forward
from transflower.motion.retarget import read_rig, retarget
from transflower.motion.skeleton import Skeleton

TURNED = {"neck": (0, 30, 0), "head": (15, 20, 0), "spine": (12, 0, 8), "leftHand": (0, 0, 40), "leftFoot": (0, 25, 0)}
"""Degrees about which joints are turned all the time."""
_TRUNK, _HIPS = ((0, 0, 1), (1, 0, 0), (0, 1, 0)), ((0, -1, 0), (1, 0, 0), (0, 0, 1))
_ARMS = {"left": ((1, 0, 0), (0, 1, 0), (0, 0, 1)), "right": ((1, 0, 0), (0, -1, 0), (0, 0, -1))}
_LEGS = {"left": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)), "right": ((0, -1, 0), (1, 0, 0), (0, 0, 1))}
"""Axes of joints in a T-pose, as matrices: X is along the bone, there or back."""


def turned_dance(seed=0, num_frames=90):
    """A dance of somebody who looks aside and down, bends, and dances with one hand and one foot turned."""
    clip = dance(seed=seed, num_frames=num_frames)
    for bone, degrees in TURNED.items():
        joint = clip.skeleton.names.index(MIXAMO[bone])
        clip.rotations[:, joint] = rot.multiply(clip.rotations[:, joint], rot.from_expmap(np.radians(degrees)))
    return clip


def with_axes(clip, turns):
    """The same motion with other axes of the joints; without a turn, the rest pose is the same."""
    rotations, offsets = np.array(clip.rotations), np.array(clip.skeleton.offsets)
    for joint, parent in enumerate(clip.skeleton.parents):
        rotations[:, joint] = rot.multiply(rotations[:, joint], turns[joint])
        if parent >= 0:
            rotations[:, joint] = rot.multiply(rot.inverse(turns[parent]), rotations[:, joint])
            offsets[joint] = rot.rotate(rot.inverse(turns[parent]), offsets[joint])
    skeleton = Skeleton(clip.skeleton.names, clip.skeleton.parents, offsets)
    return Clip(skeleton, clip.fps, rotations, clip.translations)


def with_square_axes(clip):
    """The same motion, as programs write it that let the axes of a joint follow its bone."""
    bones = {MIXAMO[bone]: bone for bone in MIXAMO}
    axes = []
    for name in clip.skeleton.names:
        bone = bones[name]
        limbs = _ARMS if any(part in bone for part in ("Shoulder", "Arm", "Hand")) else _LEGS
        trunk = _HIPS if bone == "hips" else _TRUNK
        axes.append(limbs[side(bone)] if side(bone) else trunk)
    return with_axes(clip, rot.from_matrix(np.array(axes, float)))


def with_odd_axes(clip, seed=0):
    """The same motion with axes that follow nothing."""
    random = np.random.default_rng(seed)
    return with_axes(clip, rot.normalize(random.normal(size=(clip.skeleton.num_joints, 4))))


def degrees_apart(rig, first, second, *but):
    joints = [joint for bone, joint in rig.humanoid.joints.items() if not bone.endswith(but)]
    return np.degrees(rot.angle_between(forward(first)[1], forward(second)[1]))[:, joints]


@pytest.mark.parametrize("seed", range(3))
def test_joints_that_are_turned_all_the_time_are_so_on_another_skeleton(seed):
    clip, target = turned_dance(seed), read_rig(Body(arms_down=0.6).build()[0])
    put, expected = retarget(with_square_axes(clip), target), retarget(clip, target)
    # The neck leans and so no axis follows it; feet lie as flat as they usually do, and legs follow them.
    assert degrees_apart(target, put, expected, "neck", "upperChest", "Leg", "Foot", "Toes").max() < 0.5
    assert degrees_apart(target, put, expected, "Leg", "Foot", "Toes").max() < 15


@pytest.mark.parametrize("seed", range(3))
def test_a_dance_comes_back_though_only_itself_tells_how_the_other_skeleton_stands(seed):
    clip = turned_dance(seed)
    source, other = read_rig(clip), read_rig(with_square_axes(dance(seed=seed + 1)))
    back = retarget(retarget(clip, other, source=source), source)
    assert np.median(degrees_apart(source, back, clip)) < 2
    feet = [source.humanoid.joints[f"{one}Foot"] for one in SIDES]
    apart = np.linalg.norm(forward(back)[0][:, feet] - forward(clip)[0][:, feet], axis=-1)
    assert np.percentile(apart, 95) < 0.03


def test_a_t_pose_in_the_recording_tells_all():
    clip, target = turned_dance(), read_rig(Body().build()[0])
    odd = with_odd_axes(along_one_axis(clip))
    apart = degrees_apart(target, retarget(odd, target)[1:], retarget(clip, target), "Foot", "Toes", "Leg")
    assert apart.max() < 0.5


@pytest.mark.parametrize("seed", range(3))
def test_axes_that_are_square_to_nothing_are_told_by_their_mean(seed):
    clip, target = dance(seed=seed), read_rig(Body().build()[0])
    put, expected = retarget(with_odd_axes(clip), target), retarget(clip, target)
    assert np.median(degrees_apart(target, put, expected)) < 8
    ways = [_limbs(target, one) for one in (put, expected)]
    np.testing.assert_allclose(*ways, atol=0.02)


def test_where_palms_show_how_hands_are_turned_the_lower_arm_is_turned_by_half_of_it():
    clip = dance(Body(fingers=True))
    for one in SIDES:
        joint = clip.skeleton.names.index(MIXAMO[f"{one}Hand"])
        clip.rotations[:, joint] = rot.multiply(clip.rotations[:, joint], rot.from_expmap(np.array([1.2, 0, 0])))
    target = read_rig(Body(fingers=True).build()[0])
    put = retarget(with_odd_axes(clip), target)
    for one in SIDES:
        joints = [target.humanoid.joints[one + bone] for bone in ("LowerArm", "Hand")]
        halves = [np.arctan(put.rotations[:, joint, 1] / put.rotations[:, joint, 0]) for joint in joints]
        twists = [2 * np.median(half) for half in halves]
        assert abs(twists[0] - twists[1]) < 0.1
        assert sum(twists) > 0.8


def _limbs(rig, clip):
    positions, joints = forward(clip)[0], rig.humanoid.joints
    pairs = [
        (one + start, one + end) for one in SIDES for start, end in (("UpperArm", "LowerArm"), ("LowerArm", "Hand"))
    ]
    bones = np.stack([positions[:, joints[end]] - positions[:, joints[start]] for start, end in pairs])
    return bones / np.linalg.norm(bones, axis=-1, keepdims=True)


def test_one_foot_may_lack_its_toes():
    clip = with_square_axes(turned_dance())
    kept = [index for index, name in enumerate(clip.skeleton.names) if name != MIXAMO["rightToes"]]
    numbers = {joint: number for number, joint in enumerate(kept)}
    skeleton = Skeleton(
        tuple(clip.skeleton.names[joint] for joint in kept),
        tuple(numbers.get(clip.skeleton.parents[joint], -1) for joint in kept),
        clip.skeleton.offsets[kept],
    )
    lame = Clip(skeleton, clip.fps, clip.rotations[:, kept], clip.translations)
    put = retarget(lame, read_rig(Body().build()[0]))
    assert np.isfinite(put.rotations).all()
