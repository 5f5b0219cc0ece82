import numpy as np
import pytest

from tests.synthetic.factories import perform
from transflower.core.errors import DataError
from transflower.evaluation.move_recognition import UNRECOGNISED, describe_bars, move_recogniser
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton
from transflower.synthetic.ground_truth import MOVE_NAMES
from transflower.synthetic.moves import MOVES
from transflower.synthetic.recording import make_recording


@pytest.fixture(scope="module")
def recogniser():
    return move_recogniser()


@pytest.fixture(scope="module")
def recordings():
    return [make_recording(99, index, seconds=40) for index in range(6)]


@pytest.fixture(scope="module")
def true_dance():
    return perform([str(name) for name in np.random.default_rng(1).permutation(list(MOVES))], seed=8)


def with_motion(clip, rotations, place):
    return Clip(clip.skeleton, clip.fps, np.ascontiguousarray(rotations), {0: np.ascontiguousarray(place)})


def test_dances_that_it_never_saw_are_recognised(recogniser, recordings):
    right = []
    for recording in recordings:
        ground_truth = recording.ground_truth
        found = recogniser.recognise(recording.clip, np.array(ground_truth.beats))
        right += [
            ground_truth.moves[bar // 2] == MOVE_NAMES[move] and move != UNRECOGNISED for bar, move in enumerate(found)
        ]
    assert len(right) > 80
    assert np.mean(right) > 0.97


def test_every_move_is_recognised(recogniser, true_dance):
    performance, beats = true_dance
    found = recogniser.recognise(performance.clip, beats)
    assert len(found) == 48
    assert len(set(found.tolist()) - {UNRECOGNISED}) == 24


def test_what_is_no_move_is_unrecognised(recogniser, true_dance):
    performance, beats = true_dance
    clip, place = performance.clip, performance.clip.translations[0]
    frozen = with_motion(
        clip, np.repeat(clip.rotations[:1], clip.num_frames, 0), np.repeat(place[:1], clip.num_frames, 0)
    )
    backwards = with_motion(clip, clip.rotations[::-1], place[::-1])
    late = beats + 0.5 * (beats[1] - beats[0])
    assert (recogniser.recognise(frozen, beats) == UNRECOGNISED).all()
    assert (recogniser.recognise(backwards, beats) == UNRECOGNISED).mean() > 0.8
    assert (recogniser.recognise(clip, late) == UNRECOGNISED).mean() > 0.8


def test_only_whole_bars_are_described(true_dance):
    performance, beats = true_dance
    clip = performance.clip
    frames = round(beats[7] * clip.fps)
    short = with_motion(clip, clip.rotations[:frames], clip.translations[0][:frames])
    assert len(describe_bars(short, beats)) == 1
    tiny = with_motion(clip, clip.rotations[:20], clip.translations[0][:20])
    assert len(describe_bars(tiny, beats)) == 0


def test_a_dance_with_no_whole_bar_has_no_moves(recogniser, true_dance):
    performance, beats = true_dance
    clip = performance.clip
    tiny = with_motion(clip, clip.rotations[:1], clip.translations[0][:1])
    assert recogniser.recognise(tiny, beats).shape == (0,)


def test_where_a_dancer_stands_and_faces_does_not_matter(true_dance):
    performance, beats = true_dance
    clip = performance.clip
    moved = with_motion(clip, clip.rotations, clip.translations[0] + [3.0, 0.0, -2.0])
    np.testing.assert_allclose(describe_bars(moved, beats), describe_bars(clip, beats), atol=1e-9)


def test_another_skeleton_is_refused_by_name(recogniser):
    skeleton = Skeleton(("Root",), (-1,), np.zeros((1, 3)))
    clip = Clip(skeleton, 30.0, np.tile([1.0, 0, 0, 0], (300, 1, 1)), {0: np.zeros((300, 3))})
    with pytest.raises(DataError, match="lacks Spine2"):
        recogniser.recognise(clip, 0.5 * np.arange(12))
