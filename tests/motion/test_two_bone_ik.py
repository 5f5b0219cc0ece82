import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.motion.factories import make_clip, make_skeleton
from transflower.motion import rotations as rot
from transflower.motion.anatomy import points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.motion.two_bone_ik import has_two_bones, solve_two_bone_ik, toe_bend
from transflower.synthetic.skeleton import SKELETON


def bent_clip(seed: int = 0) -> Clip:
    """A synthetic dancer who stands with bent knees and turns and sways a little."""
    clip = make_clip(12, skeleton=SKELETON, degrees=15, seed=seed)
    for side in ("Left", "Right"):
        knee, hip = SKELETON.index(f"{side}Leg"), SKELETON.index(f"{side}UpLeg")
        clip.rotations[:, knee] = rot.multiply(clip.rotations[:, knee], rot.from_expmap(np.array([0.8, 0.0, 0.0])))
        clip.rotations[:, hip] = rot.multiply(clip.rotations[:, hip], rot.from_expmap(np.array([-0.4, 0.0, 0.0])))
    return clip


def legs_of(clip: Clip):
    return read_anatomy(clip.skeleton, np.median(points(clip)[..., 1], axis=0)).legs


@given(seed=st.integers(0, 50), x=st.floats(-0.05, 0.05), y=st.floats(-0.02, 0.05), z=st.floats(-0.05, 0.05))
def test_a_foot_comes_to_its_target_and_keeps_facing_where_it_faced(seed, x, y, z):
    clip = bent_clip(seed)
    positions, rotations = forward(clip)
    for leg in legs_of(clip):
        assert has_two_bones(clip, leg)
        targets = positions[:, leg.end] + (x, y, z)
        reached, facing = forward(solve_two_bone_ik(clip, [leg], targets[:, None]))
        np.testing.assert_allclose(reached[:, leg.end], targets, atol=1e-6)
        assert rot.angle_between(facing[:, leg.end], rotations[:, leg.end]).max() < 1e-6
        others = [joint for joint in range(clip.skeleton.num_joints) if joint not in leg.path]
        np.testing.assert_array_equal(reached[:, others], positions[:, others])


def test_what_is_there_already_stays():
    clip = bent_clip()
    positions, rotations = forward(clip)
    leg = legs_of(clip)[0]
    reached, turned = forward(solve_two_bone_ik(clip, [leg], positions[:, [leg.end]]))
    np.testing.assert_allclose(reached, positions, atol=1e-3)
    assert rot.angle_between(turned, rotations).max() < 0.01


def test_what_is_too_far_is_reached_for_without_tearing_the_bones():
    clip = bent_clip()
    leg = legs_of(clip)[0]
    positions, _ = forward(clip)
    far = positions[:, leg.ball] + (3.0, -3.0, 0.0)
    reached, _ = forward(solve_two_bone_ik(clip, [leg], far[:, None]))
    for first, second in ((leg.ball, leg.hinge), (leg.hinge, leg.end)):
        lengths = [np.linalg.norm(p[:, second] - p[:, first], axis=-1) for p in (positions, reached)]
        np.testing.assert_allclose(lengths[1], lengths[0], atol=1e-6)
    along = reached[:, leg.end] - positions[:, leg.ball]
    np.testing.assert_allclose(
        along / np.linalg.norm(along, axis=-1, keepdims=True), [[0.5**0.5, -(0.5**0.5), 0]] * 12, atol=1e-6
    )


def test_a_leg_without_a_knee_is_not_two_bones():
    clip = make_clip(5, skeleton=make_skeleton())
    assert not any(has_two_bones(clip, leg) for leg in legs_of(clip))


def standing_clip(knees: np.ndarray) -> Clip:
    """A synthetic dancer who stands on legs that are turned by so many radians at the knee."""
    clip = make_clip(len(knees), skeleton=SKELETON, degrees=0)
    for side in ("Left", "Right"):
        clip.rotations[:, SKELETON.index(f"{side}Leg")] = rot.from_expmap(knees[:, None] * (1.0, 0.0, 0.0))
    return clip


def test_a_knee_that_is_drawn_a_little_beyond_straight_does_not_turn_to_and_fro():
    clip = standing_clip(np.concatenate([np.full(20, 0.4), np.tile([0.01, -0.01], 5)]))
    for leg in legs_of(clip):
        positions, _ = forward(clip)
        reached, _ = forward(solve_two_bone_ik(clip, [leg], positions[:, [leg.end]] + (0.0, 0.02, 0.0)))
        moved = (reached - positions)[20:, leg.hinge]
        assert np.linalg.norm(moved, axis=-1).min() > 0.03
        assert np.linalg.norm(np.diff(moved, axis=0), axis=-1).max() < 0.01


def test_legs_that_are_always_straight_are_bent_at_the_knee():
    clip = standing_clip(np.zeros(5))
    for leg in legs_of(clip):
        positions, rotations = forward(clip)
        targets = positions[:, leg.end] + (0.0, 0.05, 0.0)
        usual = toe_bend(points(clip)[0], rotations[0], leg)[None, None]
        for options in ({}, {"usual": usual}):
            turned = solve_two_bone_ik(clip, [leg], targets[:, None], **options)
            np.testing.assert_allclose(forward(turned)[0][:, leg.end], targets, atol=1e-6)
        toes = points(clip)[:, leg.path[-1]] - positions[:, leg.end]
        assert np.all(np.sum((forward(turned)[0][:, leg.hinge] - positions[:, leg.hinge]) * toes, axis=-1) > 0)


def test_both_legs_at_once_are_one_after_the_other():
    clip = bent_clip()
    legs, positions = legs_of(clip), forward(clip)[0]
    targets = positions[:, [leg.end for leg in legs]] + (0.02, 0.01, -0.03)
    one_by_one = clip
    for index, leg in enumerate(legs):
        one_by_one = solve_two_bone_ik(one_by_one, [leg], targets[:, [index]])
    np.testing.assert_allclose(solve_two_bone_ik(clip, legs, targets).rotations, one_by_one.rotations, atol=1e-9)
