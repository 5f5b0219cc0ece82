"""Features in pieces -> clips in pieces."""

import numpy as np
import pytest

from tests.motion.factories import make_clip
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.motion.stream import MotionStream
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import lock_feet
from transflower.synthetic.skeleton import SKELETON

CLIP = make_clip(40, skeleton=SKELETON, degrees=10)
SIDECAR = describe_motion(CLIP, "expmap")
ROWS = encode_motion(CLIP, SIDECAR)
WHOLE = decode_motion(ROWS, SIDECAR)


def streamed(stream: MotionStream, sizes: list[int]) -> list[Clip]:
    parts = np.split(ROWS, np.cumsum(sizes))
    out = [stream.push(rows) for rows in parts] + [stream.push(ROWS[:0], is_last=True)]
    return [clip for clip in out if clip is not None]


@pytest.mark.parametrize(("foot_lock", "whole"), [(False, WHOLE), (True, lock_feet(WHOLE))])
@pytest.mark.parametrize("sizes", [[], [1] * 39, [2, 0, 17]], ids=str)
def test_pieces_are_the_clip_of_all_features(foot_lock, whole, sizes):
    parts = streamed(MotionStream(SIDECAR, foot_lock=foot_lock), sizes)
    np.testing.assert_allclose(np.concatenate([part.rotations for part in parts]), whole.rotations, atol=1e-6)
    track = np.concatenate([part.translations[0] for part in parts])
    np.testing.assert_allclose(track, whole.translations[0], atol=1e-6)


def test_the_lock_moves_feet():
    assert np.abs(lock_feet(WHOLE).rotations - WHOLE.rotations).max() > 0.01


@pytest.mark.parametrize("foot_lock", [False, True])
def test_a_restored_stream_goes_on_to_the_bit(foot_lock):
    stream, restored = (MotionStream(SIDECAR, foot_lock=foot_lock) for _ in range(2))
    stream.push(ROWS[:20])
    restored.load_state_dict(stream.state_dict())
    first, second = (one.push(ROWS[20:], is_last=True) for one in (stream, restored))
    np.testing.assert_array_equal(first.rotations, second.rotations)
