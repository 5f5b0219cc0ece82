from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward, tip_positions
from transflower.motion.mirror import find_partners, find_symmetry, mirror
from transflower.motion.skeleton import Skeleton


def uneven_skeleton():
    """A humanoid with one longer leg and one wider shoulder."""
    skeleton = make_skeleton(above=("Root",))
    offsets = np.array(skeleton.offsets)
    offsets[skeleton.index("LeftFoot")] *= 1.1
    offsets[skeleton.index("RightArm")] += [-0.03, 0.01, 0.02]
    return replace(skeleton, offsets=offsets)


def with_rolled_axes(clip, rolls):
    """The same movement in the world with the local axes of some joints turned (name -> rotation)."""
    skeleton = clip.skeleton
    roll = rot.identity(skeleton.num_joints)
    for name, turn in rolls.items():
        roll[skeleton.index(name)] = turn
    above = np.array([rot.IDENTITY if parent < 0 else roll[parent] for parent in skeleton.parents])
    offsets = rot.rotate(rot.inverse(above), skeleton.offsets)
    sites = {
        joint: tuple(rot.rotate(rot.inverse(roll[joint]), np.array(tip)).tolist())
        for joint, tip in skeleton.end_sites.items()
    }
    rotations = rot.multiply(rot.multiply(rot.inverse(above), clip.rotations), roll)
    tracks = {joint: rot.rotate(rot.inverse(above[joint]), track) for joint, track in clip.translations.items()}
    rolled = replace(skeleton, offsets=offsets, end_sites=sites)
    return replace(clip, skeleton=rolled, rotations=rotations, translations=tracks)


# Axes as a rigging program rolls them: X along the bone, and on the right side turned round.
ALONG_BONE = rot.from_euler(np.array([np.pi / 2]), "Z")
TURNED_ROUND = rot.multiply(ALONG_BONE, rot.from_euler(np.array([np.pi]), "X"))
ROLLS = {
    "Hips": ALONG_BONE,
    "Spine": rot.from_euler(np.radians([90.0, 90.0]), "ZX"),
    "LeftUpLeg": ALONG_BONE,
    "RightUpLeg": TURNED_ROUND,
    "LeftFoot": ALONG_BONE,
    "RightFoot": TURNED_ROUND,
}


@given(seed=st.integers(0, 1000))
def test_every_joint_stands_where_a_mirror_shows_its_partner(seed):
    clip = make_clip(8, skeleton=uneven_skeleton(), moving=("LeftHand", "RightHand", "Spine"), seed=seed)
    mirrored = mirror(clip)
    partners = list(find_partners(clip.skeleton))
    np.testing.assert_allclose(forward(mirrored)[0], forward(clip)[0][:, partners] * [-1, 1, 1], atol=1e-12)
    tips = np.sort(tip_positions(mirrored), axis=1)
    np.testing.assert_allclose(tips, np.sort(tip_positions(clip) * [-1, 1, 1], axis=1), atol=1e-12)


@given(seed=st.integers(0, 1000), is_rolled=st.booleans())
def test_mirror_twice_is_the_identity(seed, is_rolled):
    clip = make_clip(8, skeleton=uneven_skeleton(), moving=("LeftHand", "Spine"), seed=seed)
    clip = with_rolled_axes(clip, ROLLS) if is_rolled else clip
    twice = mirror(mirror(clip))
    assert rot.angle_between(twice.rotations, clip.rotations).max() < 1e-12
    np.testing.assert_allclose(twice.skeleton.offsets, clip.skeleton.offsets, atol=1e-12)
    assert twice.translations.keys() == clip.translations.keys()
    for joint, track in clip.translations.items():
        np.testing.assert_allclose(twice.translations[joint], track, atol=1e-12)
    for joint, tip in clip.skeleton.end_sites.items():
        np.testing.assert_allclose(twice.skeleton.end_sites[joint], tip, atol=1e-12)


def test_a_turn_about_the_vertical_is_mirrored_as_published():
    clip = make_clip(5, skeleton=make_skeleton())
    angles = np.array([0.3, -0.2, 0.5])
    clip.rotations[:, :] = rot.from_euler(angles, "ZXY")
    expected = rot.from_euler(angles * [-1, 1, -1], "ZXY")
    assert rot.angle_between(mirror(clip).rotations, expected).max() < 1e-12


def test_a_symmetric_skeleton_is_its_own_mirror_image():
    clip = make_clip(8)
    assert mirror(clip).skeleton.to_dict() == clip.skeleton.to_dict()


def test_axes_rolled_along_the_bones_give_the_same_bones_and_mirror_image():
    clip = make_clip(8)
    rolled = with_rolled_axes(clip, ROLLS)
    np.testing.assert_allclose(forward(rolled)[0], forward(clip)[0], atol=1e-12)
    mirrored = mirror(rolled)
    np.testing.assert_allclose(forward(mirrored)[0], forward(mirror(clip))[0], atol=1e-12)
    np.testing.assert_allclose(mirrored.skeleton.offsets, rolled.skeleton.offsets, atol=1e-12)


def test_the_symmetry_of_one_clip_serves_another():
    first, second = (with_rolled_axes(make_clip(8, seed=seed), ROLLS) for seed in (1, 2))
    assert find_symmetry(first).reflections == find_symmetry(second).reflections
    np.testing.assert_array_equal(mirror(second, find_symmetry(first)).rotations, mirror(second).rotations)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("LeftArm", "RightArm"),
        ("leftArm", "rightArm"),
        ("LEFT_ARM", "RIGHT_ARM"),
        ("mixamorig:LeftArm", "mixamorig:RightArm"),
        ("arm_left", "arm_right"),
        ("ArmLeft", "ArmRight"),
        ("L_Arm", "R_Arm"),
        ("l_arm", "r_arm"),
        ("Arm_L", "Arm_R"),
        ("arm.L", "arm.R"),
        ("thumb.01.L", "thumb.01.R"),
        ("arm-l", "arm-r"),
        ("Bip01 L Thigh", "Bip01 R Thigh"),
        ("LHipJoint", "RHipJoint"),
        ("lShldr", "rShldr"),
        ("lfoot", "rfoot"),
        ("rig:LArm", "rig:RArm"),
        ("HandL", "HandR"),
        ("Thumb2L", "Thumb2R"),
        ("UpperLeg_L", "UpperLeg_R"),
    ],
)
def test_sides_are_told_in_every_style_of_names(left, right):
    skeleton = Skeleton(("Root", left, "Lower", right), (-1, 0, 0, 0), np.zeros((4, 3)))
    assert find_partners(skeleton) == (0, 3, 2, 1)


def test_names_that_only_look_like_sides_have_no_partner():
    names = ("Root", "Lower", "LowerBack", "leg", "Rib", "Left", "L")
    skeleton = Skeleton(names, (-1, 0, 0, 0, 0, 0, 0), np.zeros((7, 3)))
    assert find_partners(skeleton) == tuple(range(7))


def test_a_joint_without_a_partner_is_reflected_in_place():
    skeleton = make_skeleton()
    names = (*skeleton.names, "RightHandSword")
    parents = (*skeleton.parents, skeleton.index("RightHand"))
    skeleton = Skeleton(names, parents, np.vstack([skeleton.offsets, [-0.1, 0.0, 0.2]]), skeleton.end_sites)
    clip = make_clip(4, skeleton=skeleton)
    mirrored = mirror(clip)
    np.testing.assert_allclose(mirrored.skeleton.offsets[-1], [0.1, 0.0, 0.2])
    q = clip.rotations[:, -1]
    assert rot.angle_between(mirrored.rotations[:, -1], q * [1, 1, -1, -1]).max() < 1e-12


def test_partners_that_hang_from_different_places_are_refused():
    skeleton = Skeleton(("Root", "Twist", "LeftArm", "RightArm"), (-1, 0, 1, 0), np.zeros((4, 3)))
    with pytest.raises(DataError, match=r"'LeftArm' and 'RightArm' are partners by name"):
        find_partners(skeleton)
