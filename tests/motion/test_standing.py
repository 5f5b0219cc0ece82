"""Feet that are told to stand hold the body, and are locked."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.motion.clip import Clip
from transflower.motion.contacts import standing_frames
from transflower.motion.foot_lock import FootLock, lock_feet
from transflower.motion.kinematics import forward
from transflower.motion.standing import HeldBody, Standing
from transflower.synthetic.recording import make_recording

GLIDE = 0.6
"""Metres per second, faster than a foot that is taken to stand."""


@pytest.fixture(scope="module")
def dance() -> Clip:
    return make_recording(0, 0, seconds=8).clip


@pytest.fixture(scope="module")
def standing(dance) -> Standing:
    ankles = tuple(dance.skeleton.names.index(name) for name in ("LeftFoot", "RightFoot"))
    positions = forward(dance)[0]
    stands = [standing_frames(positions[:, [ankle, ankle + 1]], dance.fps) for ankle in ankles]
    return Standing(ankles=ankles, stands=np.stack(stands, axis=1))


@pytest.fixture(scope="module")
def gliding(dance) -> Clip:
    root = dance.translations[0].copy()
    root[:, 0] += GLIDE * np.arange(dance.num_frames) / dance.fps
    return replace(dance, translations={**dance.translations, 0: root})


def test_a_body_that_glides_is_held_by_feet_that_are_told_to_stand(dance, gliding, standing):
    assert 0.3 < standing.stands.mean() < 1
    held = HeldBody(gliding.skeleton, standing.ankles).push(gliding, standing)
    apart = np.abs(held.translations[0] - dance.translations[0])
    assert apart.max() < 0.1 * GLIDE * dance.seconds
    seen, told = (clip_foot_metrics(lock_feet(gliding, one)).skate for one in (None, standing))
    assert told < 0.2 * seen
    assert told < 0.05


def test_what_holds_the_floor_hardly_changes(dance, standing):
    moved = np.linalg.norm(forward(lock_feet(dance, standing))[0] - forward(dance)[0], axis=-1)
    assert moved.mean() < 0.03


def test_nothing_holds_a_body_in_the_air(gliding, standing):
    flying = replace(standing, stands=np.zeros_like(standing.stands))
    found = lock_feet(gliding, flying)
    np.testing.assert_allclose(found.translations[0], gliding.translations[0])
    np.testing.assert_allclose(forward(found)[0], forward(gliding)[0], atol=1e-3)


@settings(max_examples=examples(10))
@given(ends=st.lists(st.integers(1, 80), max_size=5), saved=st.integers(0, 5))
def test_any_pieces_give_the_frames_of_the_whole(gliding, standing, ends, saved):
    clip, whole = gliding[:80], lock_feet(gliding[:80], standing[:80])
    places = [0, *sorted(set(ends)), 80]
    lock, found = FootLock(clip.skeleton, clip.fps), []
    for number, (start, stop) in enumerate(pairwise(places)):
        if number == saved:
            state = {name: value.copy() for name, value in lock.state_dict().items()}
            lock = FootLock(clip.skeleton, clip.fps)
            lock.load_state_dict(state)
        if start < stop:
            found.append(lock.push(clip[start:stop], standing[start:stop]))
    found = [piece for piece in (*found, lock.flush()) if piece is not None]
    np.testing.assert_allclose(np.concatenate([piece.rotations for piece in found]), whole.rotations, atol=1e-9)
    track = np.concatenate([piece.translations[0] for piece in found])
    np.testing.assert_allclose(track, whole.translations[0], atol=1e-9)
