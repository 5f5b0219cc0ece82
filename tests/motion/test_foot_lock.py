import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.motion.factories import make_clip, make_skeleton
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.motion import foot_lock
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import FootLock, lock_feet
from transflower.motion.kinematics import forward
from transflower.synthetic.recording import make_recording


@pytest.fixture(scope="module")
def dance() -> Clip:
    return make_recording(0, 0, seconds=12).clip


def creeping(clip: Clip) -> Clip:
    """The dancer is pushed to and fro by some centimetres all the time."""
    root = clip.translations[0].copy()
    root[:, 0] += 0.03 * np.sin(4 * np.arange(clip.num_frames) / clip.fps)
    return replace(clip, translations={**clip.translations, 0: root})


def test_creeping_feet_are_held(dance):
    before, after = (clip_foot_metrics(clip).skate for clip in (creeping(dance), lock_feet(creeping(dance))))
    assert before > 0.06
    assert after < 0.4 * before


def test_feet_that_hold_the_floor_hardly_change(dance):
    moved = np.linalg.norm(forward(lock_feet(dance))[0] - forward(dance)[0], axis=-1)
    assert moved.mean() < 0.004


def test_nothing_but_the_legs_moves(dance):
    before, after = (forward(clip)[0] for clip in (creeping(dance), lock_feet(creeping(dance))))
    names = dance.skeleton.names
    legs = [joint for joint, name in enumerate(names) if "Leg" in name or "Foot" in name or "Toe" in name]
    others = [joint for joint in range(len(names)) if joint not in legs]
    np.testing.assert_array_equal(after[:, others], before[:, others])
    assert np.abs(after[:, legs] - before[:, legs]).max() < 0.13


def test_no_foot_jumps(dance):
    before, after = (np.diff(forward(clip)[0], axis=0) for clip in (creeping(dance), lock_feet(creeping(dance))))
    assert np.abs(after).max() < np.abs(before).max() + 0.02


@pytest.mark.parametrize("num_frames", (1, 2, 5))
def test_short_clips_and_bodies_without_legs_come_back(num_frames):
    for skeleton in (make_skeleton(), make_skeleton(num_joints=4)):
        clip = make_clip(num_frames, skeleton=skeleton)
        np.testing.assert_array_equal(lock_feet(clip).rotations, clip.rotations)


# In pieces


def part(clip: Clip, start: int, stop: int) -> Clip:
    tracks = {joint: track[start:stop] for joint, track in clip.translations.items()}
    return replace(clip, rotations=clip.rotations[start:stop], translations=tracks)


def pieces(clip: Clip, sizes: list[int]) -> list[Clip]:
    """Parts of these sizes, and one of what is left."""
    ends = [0, *np.cumsum(sizes).clip(max=clip.num_frames).tolist(), clip.num_frames]
    return [part(clip, start, stop) for start, stop in pairwise(ends) if start < stop]


def pushed(lock: FootLock, parts: list[Clip]) -> list[Clip]:
    """What comes out."""
    return [out for clip in parts if (out := lock.push(clip)) is not None]


def assert_same(parts: list[Clip], whole: Clip, **tolerance) -> None:
    np.testing.assert_allclose(np.concatenate([clip.rotations for clip in parts]), whole.rotations, **tolerance)
    for joint, track in whole.translations.items():
        np.testing.assert_allclose(np.concatenate([clip.translations[joint] for clip in parts]), track, **tolerance)


@settings(max_examples=examples(10))
@given(start=st.integers(0, 200), sizes=st.lists(st.integers(1, 40), max_size=12))
def test_any_pieces_give_the_frames_of_the_whole(dance, start, sizes):
    clip = creeping(part(dance, start, start + 100))
    lock = FootLock(clip.skeleton, clip.fps)
    out = [*pushed(lock, pieces(clip, sizes)), lock.flush()]
    assert_same([clip for clip in out if clip is not None], lock_feet(clip), atol=1e-9)


@pytest.mark.parametrize("size", [50, 359])
def test_a_whole_clip_is_worked_on_in_pieces_of_any_size(dance, monkeypatch, size):
    whole = lock_feet(dance)
    monkeypatch.setattr(foot_lock, "_PIECE_FRAMES", size)
    locked = lock_feet(dance)
    np.testing.assert_allclose(locked.rotations, whole.rotations, atol=1e-9)
    np.testing.assert_allclose(locked.translations[0], whole.translations[0], atol=1e-9)


def test_a_long_clip_takes_little_more_memory_than_itself(dance, monkeypatch):
    frames = np.arange(10 * dance.num_frames) % dance.num_frames
    tracks = {joint: track[frames] for joint, track in dance.translations.items()}
    long = replace(dance, rotations=dance.rotations[frames], translations=tracks)
    monkeypatch.setattr(foot_lock, "_PIECE_FRAMES", 120)
    tracemalloc.start()
    lock_feet(long)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * long.rotations.nbytes


def test_a_frame_comes_out_a_fraction_of_a_second_later(dance):
    lock, num_out = FootLock(dance.skeleton, dance.fps), 0
    assert lock.num_ahead == 3
    for frame in range(20):
        out = lock.push(part(dance, frame, frame + 1))
        num_out += 0 if out is None else out.num_frames
        assert num_out == max(0, frame + 1 - lock.num_ahead)
    assert lock.flush().num_frames == lock.num_ahead
    assert lock.flush() is None


def test_frames_after_a_flush_go_on_without_a_jump(dance):
    clip = creeping(part(dance, 0, 120))
    lock = FootLock(clip.skeleton, clip.fps)
    out = [lock.push(part(clip, 0, 60), is_last=True), lock.push(part(clip, 60, 120), is_last=True)]
    together = replace(clip, rotations=np.concatenate([piece.rotations for piece in out]))
    steps = [np.linalg.norm(np.diff(forward(found)[0], axis=0), axis=-1)[59].max() for found in (together, clip)]
    assert steps[0] < steps[1] + 0.01


@pytest.mark.parametrize("moment", [0, 2, 50])
def test_a_restored_lock_goes_on_to_the_bit(dance, moment):
    clip = creeping(part(dance, 0, 80))
    lock, restored = (FootLock(clip.skeleton, clip.fps) for _ in range(2))
    restored.push(part(dance, 100, 120))
    if moment:
        lock.push(part(clip, 0, moment))
    restored.load_state_dict({name: value.copy() for name, value in lock.state_dict().items()})
    expected, found = (pushed(one, [part(clip, moment, 70), part(clip, 70, 80)]) for one in (lock, restored))
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a.rotations, b.rotations)
        np.testing.assert_array_equal(a.translations[0], b.translations[0])


def test_hours_take_no_more_memory_than_seconds(dance, monkeypatch):
    monkeypatch.setattr(foot_lock, "_FLOOR_SECONDS", 1.0)
    lock, held = FootLock(dance.skeleton, dance.fps), []
    for clip in pieces(dance, [7] * 20):
        lock.push(clip)
        held.append(sum(value.nbytes for value in lock.state_dict().values()))
    assert max(held[6:]) == held[6]
