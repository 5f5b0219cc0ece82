"""Two motions beside each other."""

from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from transflower.core.errors import DataError
from transflower.evaluation.comparison import compare_motions, dancer_facts
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip

FPS = 30.0


@pytest.fixture(scope="module")
def dance() -> Clip:
    """Four seconds of a body that swings its arms at random and walks."""
    skeleton, _ = Body(names=CONVENTIONS["mixamo"]).build()
    clip = make_clip(120, fps=FPS, skeleton=skeleton)
    way = np.cumsum(0.02 * np.random.default_rng(0).standard_normal((120, 3)), axis=0) * (1, 0, 1)
    return replace(clip, translations={0: clip.translations[0] * (0, 1, 0) + way})


def moved(clip: Clip, yaw: float, to: tuple[float, float, float]) -> Clip:
    turn = rot.from_yaw(np.array(yaw))
    rotations = clip.rotations.copy()
    rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
    root = rot.rotate(turn, clip.translations[0]) + np.array(to)
    return replace(clip, rotations=rotations, translations={**clip.translations, 0: root})


def test_a_copy_elsewhere_on_the_floor_is_the_same(dance):
    found = compare_motions(dance, moved(dance, 2.0, (3.0, 0.0, -1.0)))
    assert found.shift == 0
    assert found.correlation == pytest.approx(1)
    for values in (found.position_error, found.pose_error, found.velocity_error, *found.parts.values()):
        np.testing.assert_allclose(values, 0, atol=1e-9)


def test_without_alignment_distances_are_those_of_the_places(dance):
    found = compare_motions(dance, moved(dance, 0.0, (3.0, 0.0, 4.0)), align=False)
    np.testing.assert_allclose(found.position_error, 5.0)
    np.testing.assert_allclose(found.pose_error, 0, atol=1e-9)
    assert found.correlation is None


@pytest.mark.parametrize("late", [12, -7])
def test_the_same_done_later_is_found_and_put_back(dance, late):
    one, other = (dance[-late:], dance) if late < 0 else (dance, dance[: 120 - late])
    first = dance.rotations[:1].repeat(abs(late), axis=0)
    root = dance.translations[0][:1].repeat(abs(late), axis=0)
    waiting = replace(
        dance,
        rotations=np.concatenate([first, other.rotations]),
        translations={0: np.concatenate([root, other.translations[0]])},
    )
    found = compare_motions(one, waiting) if late > 0 else compare_motions(dance, one)
    assert found.shift == pytest.approx(late / FPS)
    assert found.start == pytest.approx(max(0, -late) / FPS)
    np.testing.assert_allclose(found.position_error, 0, atol=1e-9)


def test_another_arm_is_a_distance_of_that_arm(dance):
    joint = dance.skeleton.names.index("mixamorig:LeftArm")
    rotations = dance.rotations.copy()
    rotations[60:, joint] = rot.multiply(rotations[60:, joint], rot.from_yaw(np.array(1.0)))
    found = compare_motions(dance, replace(dance, rotations=rotations), align=False)
    assert found.parts["left arm"][60:].min() > 0.05
    np.testing.assert_allclose(found.parts["left arm"][:60], 0, atol=1e-9)
    np.testing.assert_allclose(found.parts["right leg"], 0, atol=1e-9)


def test_another_skeleton_and_rate_are_brought_to_those_of_the_first(dance):
    other, _ = Body(names=CONVENTIONS["cmu"], scale=1.2).build()
    clip = Clip(other, 60.0, rot.identity(120, other.num_joints), {0: np.tile(other.offsets[0], (120, 1))})
    found = compare_motions(dance, clip)
    assert found.clips[1].skeleton.names == dance.skeleton.names
    assert found.fps == FPS
    assert len(found.pose_error) == 60


def test_what_has_no_moment_in_common_or_no_body_is_refused(dance):
    with pytest.raises(DataError, match="one is needed"):
        compare_motions(dance, dance[:20])
    with pytest.raises(DataError, match="has no"):
        compare_motions(dance, make_clip(60, fps=FPS))


def test_who_stands_still_neither_slides_nor_moves_and_beats_need_music(dance):
    still = replace(dance, rotations=dance.rotations[:1].repeat(120, 0), translations={0: np.zeros((120, 3))})
    facts = dancer_facts(still, None)
    assert facts.speed == 0
    assert not facts.slide > 0
    assert facts.dips is None
    assert dancer_facts(dance, np.arange(0.0, 4.0, 0.5)).stops is not None


@pytest.mark.parametrize("swapped", [False, True])
def test_a_motion_of_one_frame_is_refused_in_a_sentence(dance, swapped):
    pair = (dance[:1], dance) if swapped else (dance, dance[:1])
    with pytest.raises(DataError, match=f"the {'first' if swapped else 'second'} motion has .* one is needed"):
        compare_motions(*pair)
