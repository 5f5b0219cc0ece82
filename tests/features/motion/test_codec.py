from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError
from transflower.features.motion.codec import decode_motion, encode_motion, first_placement
from transflower.features.motion.describe import describe_motion
from transflower.features.motion.representation import REPRESENTATIONS
from transflower.features.sidecar import MotionSidecar
from transflower.formats.bvh import read_bvh, read_skeleton
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, tip_positions
from transflower.motion.mirror import mirror
from transflower.motion.placement import Placement
from transflower.motion.resample import resample
from transflower.motion.root import find_motion_root, settle_bones
from transflower.motion.skeleton import Skeleton

BOTH = pytest.mark.parametrize("representation", REPRESENTATIONS.names())


def there_and_back(clip: Clip, sidecar: MotionSidecar) -> Clip:
    return decode_motion(encode_motion(clip, sidecar), sidecar, first_placement(clip, sidecar))


def assert_same_positions(clip: Clip, other: Clip, *, metres: float = 1e-4) -> None:
    """Of the motion root and everything below it."""
    root = find_motion_root(clip.skeleton)
    gaps = np.abs(forward(clip)[0][:, root:] - forward(other)[0][:, root:])
    assert gaps.max() < metres
    assert np.abs(tip_positions(clip) - tip_positions(other)).max(initial=0) < metres


@BOTH
@given(
    fps=st.floats(1, 240),
    num_frames=st.integers(1, 60),
    degrees=st.floats(0, 720),
    seed=st.integers(0, 2**16),
    above=st.sampled_from([(), ("Reference",), ("World", "Reference")]),
    moving=st.sampled_from([(), ("Head",), ("LeftUpLeg", "Spine")]),
    unit=st.sampled_from([1.0, 0.01, 0.0254]),
)
def test_decoding_gives_the_clip_back(representation, fps, num_frames, degrees, seed, above, moving, unit):
    skeleton = make_skeleton(above=above)
    clip = make_clip(num_frames, fps=fps, skeleton=skeleton, moving=moving, degrees=degrees, seed=seed)
    sidecar = replace(describe_motion(clip, representation), metres_per_unit=unit)
    back = there_and_back(clip, sidecar)
    assert sidecar.fps == back.fps == fps
    assert_same_positions(clip, back)


@BOTH
@settings(max_examples=examples(15))
@given(fps=st.floats(5, 120), seed=st.integers(0, 2**16))
def test_mirrored_twins_are_read_with_the_same_sidecar(representation, fps, seed):
    clip = resample(make_clip(30, seed=seed), fps)
    sidecar = describe_motion(clip, representation)
    twin = mirror(clip, sidecar.symmetry)
    back = there_and_back(twin, sidecar)
    assert_same_positions(twin, back)
    assert_same_positions(clip, mirror(back, sidecar.symmetry))


@given(num_joints=st.integers(1, 4), num_frames=st.integers(1, 3))
def test_chains_without_a_branch_are_carried_by_their_first_joint(num_joints, num_frames):
    clip = make_clip(num_frames, skeleton=make_skeleton(num_joints=num_joints))
    sidecar = describe_motion(clip, "expmap")
    assert sidecar.names[-1] == "Joint0_dYrotation"
    assert_same_positions(clip, there_and_back(clip, sidecar))


def small_skeleton() -> Skeleton:
    offsets = np.array([(0.0, 0.0, 0.0), (0.0, 0.3, 0.0), (0.0, -0.4, 0.0)])
    return Skeleton(("Hips", "Spine", "Leg"), (-1, 0, 0), offsets)


def test_columns_are_the_published_ones():
    """Two frames by hand: the body faces +X, walks 10 cm that way and turns by 0.2 to its left; the spine bends."""
    turns = np.array([np.pi / 2, np.pi / 2 + 0.2])
    rotations = rot.identity(2, 3)
    rotations[:, 0] = rot.from_yaw(turns)
    rotations[:, 1] = rot.from_expmap(np.array([[0.3, 0.0, 0.0], [0.0, 0.0, 0.4]]))
    clip = Clip(small_skeleton(), 20.0, rotations, {0: np.array([[1.0, 0.9, 2.0], [1.1, 0.95, 2.0]])})
    sidecar = replace(describe_motion(clip, "expmap"), metres_per_unit=0.01)
    assert sidecar.names == (
        *("Leg_alpha", "Leg_beta", "Leg_gamma", "Spine_alpha", "Spine_beta", "Spine_gamma"),
        *("Hips_alpha", "Hips_beta", "Hips_gamma", "Hips_Xposition", "Hips_Yposition", "Hips_Zposition"),
        *("Hips_dXposition", "Hips_dZposition", "Hips_dYrotation"),
    )
    expected = [
        [0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 90, 0, 0, 10, 0.2],
        [0, 0, 0, 0, 0, 0.4, 0, 0, 0, 0, 95, 0, -10 * np.sin(0.2), 10 * np.cos(0.2), 0.2],
    ]
    features = encode_motion(clip, sidecar)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected, atol=1e-5)


def test_published_arrays_are_decoded_with_a_sidecar_written_by_hand():
    """Constant columns removed, centimetres, no more than the names, the skeleton and the unit known."""
    sidecar = MotionSidecar(
        fps=20.0,
        names=("Spine_alpha", "Spine_beta", "Spine_gamma", "Hips_Yposition", "Hips_dXposition", "Hips_dZposition"),
        representation="expmap",
        skeleton=small_skeleton(),
        metres_per_unit=0.01,
    )
    clip = decode_motion(np.array([[0, 0, np.pi / 2, 90, 7, 7], [0, 0, 0, 95, 10, 20]], np.float32), sidecar)
    np.testing.assert_allclose(clip.translations[0], [[0, 0.9, 0], [0.1, 0.95, 0.2]], atol=1e-6)
    np.testing.assert_allclose(rot.to_expmap(clip.rotations[0, 1]), [0, 0, np.pi / 2], atol=1e-6)
    np.testing.assert_allclose(clip.rotations[:, [0, 2]], rot.identity(2, 2), atol=1e-6)


def test_decoding_starts_at_the_origin_facing_forward():
    clip = make_clip(20)
    sidecar = describe_motion(clip, "rot6d")
    back = decode_motion(encode_motion(clip, sidecar), sidecar)
    first = first_placement(back, sidecar)
    np.testing.assert_allclose([first.x, first.z, first.heading], 0, atol=1e-6)


def test_decoding_starts_where_it_is_told():
    clip = make_clip(20)
    sidecar = describe_motion(clip, "expmap")
    back = decode_motion(encode_motion(clip, sidecar), sidecar, Placement(x=2.0, z=-1.0, heading=0.5))
    first = first_placement(back, sidecar)
    np.testing.assert_allclose([first.x, first.z, first.heading], [2, -1, 0.5], atol=1e-6)


def test_features_do_not_know_where_and_in_which_direction_a_dance_happens():
    clip = make_clip(20)
    sidecar = describe_motion(clip, "expmap")
    turn = rot.from_yaw(np.array(2.0))
    rotations = clip.rotations.copy()
    rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
    elsewhere = rot.rotate(turn, clip.translations[0]) + np.array([5, 0, -3])
    moved = replace(clip, rotations=rotations, translations={0: elsewhere})
    np.testing.assert_allclose(encode_motion(moved, sidecar), encode_motion(clip, sidecar), atol=1e-5)


@BOTH
@settings(max_examples=examples(25))
@given(seed=st.integers(0, 2**16), scale=st.sampled_from([0.0, 1e-20, 1.0, 1e4, 1e30]))
def test_any_finite_numbers_are_a_pose(representation, seed, scale):
    clip = make_clip(3)
    sidecar = describe_motion(clip, representation)
    features = scale * np.random.default_rng(seed).normal(size=(5, len(sidecar.names)))
    back = decode_motion(features.astype(np.float32), sidecar)
    np.testing.assert_allclose(np.linalg.norm(back.rotations, axis=-1), 1, atol=1e-6)


def test_a_constant_bone_length_of_a_single_clip_does_not_reach_the_features():
    clip = make_clip(5)
    sidecar = describe_motion(clip, "expmap")
    longer = replace(clip, skeleton=replace(clip.skeleton, offsets=clip.skeleton.offsets * 1.5))
    np.testing.assert_array_equal(encode_motion(longer, sidecar), encode_motion(clip, sidecar))


def test_a_joint_that_rests_in_this_clip_fills_its_position_columns_with_its_offset():
    moving, still = make_clip(5, moving=("Head",)), make_clip(5)
    sidecar = describe_motion(moving, "expmap")
    column = sidecar.names.index("Head_Yposition")
    np.testing.assert_allclose(encode_motion(still, sidecar)[:, column], 0.3, atol=1e-6)


def test_another_skeleton_is_refused_with_the_joint():
    sidecar = describe_motion(make_clip(3), "expmap")
    other = make_clip(3, skeleton=make_skeleton(num_joints=2))
    with pytest.raises(DataError, match=r"joint 0 is 'Joint0' instead of 'Hips'"):
        encode_motion(other, sidecar)


def test_a_moving_joint_without_columns_is_refused_with_its_name():
    sidecar = describe_motion(make_clip(3), "expmap")
    with pytest.raises(DataError, match="'Head' moves"):
        encode_motion(make_clip(30, moving=("Head",)), sidecar)


@pytest.mark.parametrize(
    ("features", "place"),
    [
        (np.zeros((0, 39), np.float32), "no frames"),
        (np.zeros((4, 38), np.float32), r"\[frames, 39\].*\[4, 38\]"),
        (np.full((4, 39), np.nan, np.float32), "frame 0, column 'RightFoot_alpha'"),
        (np.full((4, 39), np.inf, np.float32), "frame 0, column 'RightFoot_alpha'"),
    ],
)
def test_features_that_are_no_motion_are_refused_with_the_place(features, place):
    with pytest.raises(DataError, match=place):
        decode_motion(features, describe_motion(make_clip(3), "expmap"))


@pytest.mark.real_data
def test_real_recordings_are_decoded_exactly(real_bvh):
    if b"MOTION" not in real_bvh.read_bytes():
        assert read_skeleton(real_bvh).num_joints
        return
    clip = settle_bones(read_bvh(real_bvh).clip)
    resampled = resample(clip, 20.0)
    for representation in REPRESENTATIONS.names():
        sidecar = describe_motion(clip, representation)
        assert_same_positions(clip, there_and_back(clip, sidecar))
        assert_same_positions(resampled, there_and_back(resampled, sidecar))
