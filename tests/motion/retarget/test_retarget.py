import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.motion.humanoid.bodies import CONVENTIONS, MIXAMO, Body
from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid import find_bones
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.kinematics import forward
from transflower.motion.retarget import read_rig, retarget
from transflower.motion.skeleton import Skeleton

LIMBS = [(side + upper, side + lower) for side in SIDES
         for upper, lower in (("UpperArm", "LowerArm"), ("LowerArm", "Hand"), ("UpperLeg", "LowerLeg"),
                              ("LowerLeg", "Foot"))]  # fmt: skip
ARMS = [pair for pair in LIMBS if "Arm" in pair[0]]
FPS = 30.0
QUICK = settings(deadline=None, phases=[Phase.explicit, Phase.generate])
"""Bodies are not worth the minutes that it takes to make them simpler."""

bodies = st.builds(
    Body,
    names=st.sampled_from(list(CONVENTIONS.values())),
    without=st.sampled_from(
        [(), ("Toes",), ("Shoulder",), ("neck",), ("upperChest",), ("chest", "upperChest", "Toes")]
    ),
    fingers=st.booleans(),
    scale=st.sampled_from([0.5, 1.0, 1.7]),
    legs=st.sampled_from([0.8, 1.0, 1.25]),
    yaw=st.floats(-3, 3),
    arms_down=st.floats(0, 1.2),
    legs_apart=st.floats(0, 0.3),
    above=st.sampled_from([(), ("Reference",), ("Armature", "Reference")]),
)


def dance(body=Body(), num_frames=60, seed=0):  # noqa: B008
    """Somebody who steps, turns and waves; knees and elbows bend the right way."""
    skeleton, joints = body.build()
    random = np.random.default_rng(seed)
    time = np.arange(num_frames) / FPS
    turn = {bone: random.uniform(2, 5) for bone in joints}

    def swing(bone, low, high):
        return np.radians(low + (high - low) * (0.5 + 0.5 * np.sin(turn[bone] * time + random.uniform(0, 6))))[:, None]

    rotations = rot.identity(num_frames, skeleton.num_joints)
    for bone, joint in joints.items():
        if bone in {"spine", "chest", "neck", "head", "hips"}:
            rotations[:, joint] = rot.from_expmap(swing(bone, -12, 12) * random.uniform(-1, 1, 3))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        down = swing(f"{side}UpperArm", 10, 70) * [0, 0, -sign] + swing(f"{side}Hand", -20, 20) * [1, 0, 0]
        rotations[:, joints[f"{side}UpperArm"]] = rot.from_expmap(down)
        rotations[:, joints[f"{side}LowerArm"]] = rot.from_expmap(swing(f"{side}LowerArm", 15, 90) * [0, -sign, 0])
        rotations[:, joints[f"{side}UpperLeg"]] = rot.from_expmap(swing(f"{side}UpperLeg", -40, -5) * [1, 0, 0])
        rotations[:, joints[f"{side}LowerLeg"]] = rot.from_expmap(swing(f"{side}LowerLeg", 15, 70) * [1, 0, 0])
    heading = rot.from_yaw(0.8 * time)
    hips = joints["hips"]
    rotations[:, hips] = rot.multiply(heading, rotations[:, hips])
    path = np.stack([0.3 * time, 0 * time, 0.2 * np.sin(2 * time)], axis=-1)
    clip = Clip(skeleton, FPS, rotations, {0: path})
    lowest = forward(clip)[0][..., 1].min(axis=1)
    return Clip(skeleton, FPS, rotations, {0: path - lowest[:, None] * [0, 1, 0] + [0, 0.03, 0]})


def directions(clip, joints, pairs=LIMBS):
    positions = forward(clip)[0]
    bones = np.stack([positions[:, joints[lower]] - positions[:, joints[upper]] for upper, lower in pairs], axis=1)
    return bones / np.linalg.norm(bones, axis=-1, keepdims=True)


def degrees_between(a, b):
    return np.degrees(np.arccos(np.clip(np.sum(a * b, axis=-1), -1, 1)))


@given(body=bodies, seed=st.integers(0, 5))
@settings(QUICK, max_examples=examples(10))
def test_limbs_point_where_those_of_the_source_point_whatever_the_body(body, seed):
    clip = dance(seed=seed)
    source, target = read_rig(clip), read_rig(body.build()[0])
    put = retarget(clip, target, source=source)
    ours, theirs = directions(clip, source.humanoid.joints, ARMS), directions(put, target.humanoid.joints, ARMS)
    assert degrees_between(ours, theirs).max() < 0.5
    legs = [pair for pair in LIMBS if "Leg" in pair[0]]
    ours, theirs = directions(clip, source.humanoid.joints, legs), directions(put, target.humanoid.joints, legs)
    assert np.median(degrees_between(ours, theirs)) < 12  # other proportions, on the same places of the floor


@given(body=bodies, seed=st.integers(0, 5))
@settings(QUICK, max_examples=examples(10))
def test_there_and_back_it_is_the_same_dance(body, seed):
    clip = dance(seed=seed)
    source, target = read_rig(clip), read_rig(body.build()[0])
    back = retarget(retarget(clip, target, source=source), source, source=target)
    both = [source.humanoid.joints[bone] for bone in source.frames if bone in target.frames]
    turned = np.degrees(rot.angle_between(back.rotations, clip.rotations))[:, both]
    assert np.median(turned) < 0.5
    feet = [source.humanoid.joints[f"{side}Foot"] for side in SIDES]
    apart = np.linalg.norm(forward(back)[0][:, feet] - forward(clip)[0][:, feet], axis=-1)
    assert np.percentile(apart, 90) < 0.03


@given(body=bodies, seed=st.integers(0, 5))
@settings(QUICK, max_examples=examples(10))
def test_standing_feet_stay_where_they_are_and_on_the_floor(body, seed):
    clip = dance(seed=seed)
    source, target = read_rig(clip), read_rig(body.build()[0])
    put = retarget(clip, target, source=source)
    scale = target.leg_length / source.leg_length
    ours, theirs = source.feet(forward(clip)), target.feet(forward(put))
    assert target.flat is not None
    above, theirs_above = ours[..., 1] - source.flat, theirs[..., 1] - target.flat
    np.testing.assert_allclose(theirs_above.min(axis=-1), scale * above.min(axis=-1), atol=0.02 * scale)
    steps, theirs_steps = (np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) for feet in (ours, theirs))
    stands = (above.min(axis=-1) < 0.03)[1:] & (steps.min(axis=-1) < 0.01)
    if stands.any():
        assert np.median(theirs_steps.min(axis=-1)[stands]) < 1.5 * scale * np.median(steps.min(axis=-1)[stands]) + 2e-3


def test_a_foot_that_is_kicked_up_goes_there_and_back_whatever_its_size():
    clip = dance()
    joints, lifting = read_rig(clip).humanoid.joints, np.linspace(0, 1, clip.num_frames)[:, None]
    for bone, degrees in (("UpperLeg", -100 * lifting), ("LowerLeg", 8 + 0 * lifting), ("Foot", 50 * lifting)):
        clip.rotations[:, joints[f"left{bone}"]] = rot.from_expmap(np.radians(degrees) * [1, 0, 0])
    source, target = read_rig(clip), read_rig(Body(legs=1.25).build()[0])
    back = retarget(retarget(clip, target, source=source), source, source=target)
    feet = [forward(one)[0][:, joints["leftFoot"]] for one in (back, clip)]
    np.testing.assert_allclose(*feet, atol=0.005)


def test_a_foot_that_a_straight_leg_lifts_sideways_goes_where_the_source_has_it_though_hips_are_narrower():
    clip = dance()
    joints, lifting = read_rig(clip).humanoid.joints, np.linspace(0, 1, clip.num_frames)[:, None]
    clip.rotations[:, joints["leftUpperLeg"]] = rot.from_expmap(np.radians(85 * lifting) * [0, 0, 1])
    clip.rotations[:, joints["leftLowerLeg"]] = rot.from_expmap(np.radians(1 + 0 * lifting) * [1, 0, 0])
    source, target = read_rig(clip), read_rig(Body(legs=1.25).build()[0])
    put = retarget(clip, target, source=source)
    back = retarget(put, source, source=target)
    feet = [forward(one)[0][:, joints["leftFoot"]] for one in (back, clip)]
    np.testing.assert_allclose(*feet, atol=0.005)
    moved = np.diff(put.translations[target.mover], 2, axis=0)
    assert np.abs(moved).max() < 0.02  # smoothly


@given(body=bodies)
@settings(QUICK, max_examples=examples(10))
def test_elbows_and_knees_bend_the_right_way(body):
    clip = dance()
    target = read_rig(body.build()[0])
    put = retarget(clip, target)
    positions, rotations = forward(put)
    joints = target.humanoid.joints
    ahead = rot.rotate(rot.multiply(rotations[:, joints["hips"]], target.frames["hips"]), np.array([0.0, 0, 1]))
    for side in SIDES:
        hip, knee, ankle = (positions[:, joints[side + bone]] for bone in ("UpperLeg", "LowerLeg", "Foot"))
        straight = hip + (ankle - hip) * 0.5
        assert np.all(np.sum((knee - straight) * ahead, axis=-1) > 0)


def test_the_size_of_the_body_scales_the_path():
    clip = dance()
    half = retarget(clip, read_rig(Body(scale=0.5).build()[0]))
    same = retarget(clip, read_rig(Body().build()[0]))
    np.testing.assert_allclose(
        np.ptp(half.translations[0], axis=0), np.ptp(same.translations[0], axis=0) / 2, atol=0.02
    )


def test_the_same_body_dances_the_same():
    clip = dance()
    rig = read_rig(clip)
    put = retarget(clip, rig, source=rig)
    np.testing.assert_allclose(forward(put)[0], forward(clip)[0], atol=2e-3)


def along_one_axis(clip):
    """The clip on a skeleton whose bones all point along X at rest, as exporters have them; it begins in a T-pose."""
    skeleton = clip.skeleton
    standing = rot.identity(1, skeleton.num_joints)
    world = rot.shortest(np.array([1.0, 0, 0]), _ways(skeleton))
    offsets = np.array([1.0, 0, 0]) * np.linalg.norm(skeleton.offsets, axis=-1, keepdims=True)
    positions, rotations = forward(Clip(skeleton, FPS, np.concatenate([standing, clip.rotations]),
                                        {0: np.concatenate([skeleton.offsets[:1], clip.translations[0]])}))  # fmt: skip
    odd, local = rot.multiply(rotations, world), rotations.copy()
    for joint, parent in enumerate(skeleton.parents):
        local[:, joint] = rot.multiply(rot.inverse(odd[:, parent]), odd[:, joint]) if parent >= 0 else odd[:, joint]
    # A joint lies in the direction of its parent's bone only where the parent has one child.
    ways = {joint: rot.rotate(rot.inverse(world[parent]), skeleton.offsets[joint]) if parent >= 0 else offsets[joint]
            for joint, parent in enumerate(skeleton.parents)}  # fmt: skip
    table = np.stack([ways[joint] for joint in range(skeleton.num_joints)])
    other = Clip(Skeleton(skeleton.names, skeleton.parents, table), FPS, local, {0: positions[:, 0]})
    np.testing.assert_allclose(forward(other)[0], positions, atol=1e-9)
    return other


def test_a_rest_pose_of_a_clip_that_points_along_one_axis_is_replaced_by_a_frame_in_which_it_stands():
    clip = dance()
    other, target = along_one_axis(clip), read_rig(Body(arms_down=0.6, fingers=True).build()[0])
    expected = retarget(clip, target)
    np.testing.assert_allclose(forward(retarget(other, target))[0][1:], forward(expected)[0], atol=0.06)


def _ways(skeleton):
    """Direction of the bone that begins at each joint."""
    ways = np.tile([1.0, 0, 0], (skeleton.num_joints, 1))
    for joint, children in enumerate(skeleton.children):
        if children:
            ways[joint] = skeleton.offsets[children[0]]
    return ways


def test_fingers_that_the_source_does_not_have_hang_relaxed():
    target = read_rig(Body(fingers=True).build()[0])
    put = retarget(dance(), target)
    joints = target.humanoid.joints
    for bone, angle in (("leftIndexIntermediate", 25), ("leftIndexDistal", 15)):
        turned = rot.angle_between(rot.identity(put.num_frames), put.rotations[:, joints[bone]])
        np.testing.assert_allclose(np.degrees(turned), angle, atol=1e-6)
    turned = rot.rotate(put.rotations[:, joints["rightMiddleProximal"]], np.array([-1.0, 0, 0]))
    assert np.all(turned[:, 1] < 0)  # towards the palm, which is down at rest


def test_a_spine_of_more_joints_bends_as_far_in_all():
    clip = dance()
    target = read_rig(Body(without=("upperChest", "chest")).build()[0])
    put = retarget(clip, target)
    source = read_rig(clip)
    ours, theirs = forward(clip)[1][:, source.humanoid.spine[-1]], forward(put)[1][:, target.humanoid.spine[-1]]
    assert np.degrees(rot.angle_between(ours, theirs)).max() < 0.1


def test_extra_joints_stay_at_rest():
    skeleton, joints = Body().build()
    names, hand = (*skeleton.names, "sword", "ForeArmTwist"), joints["rightHand"]
    parents = (*skeleton.parents, hand, joints["leftLowerArm"])
    offsets = np.concatenate([skeleton.offsets, [[0, 0, 0.3], [0.1, 0, 0]]])
    put = retarget(dance(), read_rig(Skeleton(names, parents, offsets)))
    np.testing.assert_allclose(put.rotations[:, -2:], rot.identity(put.num_frames, 2), atol=1e-12)


def test_it_is_the_same_every_time():
    clip, target = dance(), read_rig(Body(fingers=True, legs=1.2).build()[0])
    first, second = retarget(clip, target), retarget(clip, target)
    assert np.array_equal(first.rotations, second.rotations)
    assert np.array_equal(first.translations[0], second.translations[0])


def test_a_body_without_a_leg_is_refused_by_name():
    skeleton, joints = Body(without=("Toes",)).build()
    keep = [joint for joint in range(skeleton.num_joints) if joint not in {joints["leftLowerLeg"], joints["leftFoot"]}]
    cut = Skeleton(
        tuple(skeleton.names[joint] for joint in keep),
        tuple(keep.index(skeleton.parents[joint]) if joint else -1 for joint in keep),
        skeleton.offsets[keep],
    )
    with pytest.raises(DataError, match="the cat has no left upper leg, left lower leg and left foot that") as error:
        read_rig(cut, what="the cat")
    assert "--map" not in str(error.value)


def test_a_rest_pose_of_somebody_who_sits_is_refused():
    skeleton, joints = Body().build()
    offsets = skeleton.offsets.copy()
    for side in SIDES:
        offsets[joints[f"{side}LowerLeg"]] = [0, 0, 0.4]
    sitting = Skeleton(skeleton.names, skeleton.parents, offsets)
    with pytest.raises(DataError, match="its rest pose is not that of somebody who stands"):
        read_rig(sitting)


def test_a_table_of_bones_counts_more_than_names():
    skeleton, joints = Body(names={bone: f"x{len(bone)}{bone[::-1]}" for bone in MIXAMO}).build()
    from transflower.motion.humanoid import Humanoid

    named = find_bones(Body().build()[0])
    rig = read_rig(skeleton, Humanoid(skeleton, {bone: joints[bone] for bone in named.joints}))
    assert rig.humanoid.joints == joints
