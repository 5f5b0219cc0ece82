import numpy as np
import pytest

from tests.data.synthetic.factories import perform
from transflower.core.errors import DataError
from transflower.data.synthetic.dataset import make_recording
from transflower.data.synthetic.moves import MOVES
from transflower.data.synthetic.recognition import UNKNOWN, coverage, describe_bars, move_recogniser
from transflower.data.synthetic.truth import MOVE_NAMES, move_probabilities
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton


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
        truth = recording.truth
        found = recogniser.recognise(recording.clip, np.array(truth.beats))
        right += [truth.moves[bar // 2] == MOVE_NAMES[move] and move != UNKNOWN for bar, move in enumerate(found)]
    assert len(right) > 80
    assert np.mean(right) > 0.97


def test_every_move_is_recognised(recogniser, true_dance):
    performance, beats = true_dance
    found = recogniser.recognise(performance.clip, beats)
    assert len(found) == 48
    assert len(set(found.tolist()) - {UNKNOWN}) == 24


def test_what_is_no_move_is_unknown(recogniser, true_dance):
    performance, beats = true_dance
    clip, place = performance.clip, performance.clip.translations[0]
    frozen = with_motion(
        clip, np.repeat(clip.rotations[:1], clip.num_frames, 0), np.repeat(place[:1], clip.num_frames, 0)
    )
    backwards = with_motion(clip, clip.rotations[::-1], place[::-1])
    late = beats + 0.5 * (beats[1] - beats[0])
    assert (recogniser.recognise(frozen, beats) == UNKNOWN).all()
    assert (recogniser.recognise(backwards, beats) == UNKNOWN).mean() > 0.8
    assert (recogniser.recognise(clip, late) == UNKNOWN).mean() > 0.8


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


def test_coverage_of_dances_by_the_law_is_as_good_as_chance_allows():
    rng = np.random.default_rng(0)
    law = np.tile(move_probabilities("house", 0.6), (40, 1))
    danced = [np.repeat(rng.choice(24, size=40, p=law[0]), 2) for _ in range(20)]
    result = coverage(danced, [law] * 20)
    assert result.moves_seen >= 22
    assert result.distance == pytest.approx(result.distance_by_chance, abs=0.03)
    assert result.unknown_share == 0
    assert sum(result.frequencies.values()) == pytest.approx(1)
    assert sum(result.expected.values()) == pytest.approx(1)


def test_coverage_shows_a_collapse_and_the_unknown():
    law = np.tile(move_probabilities("house", 0.6), (10, 1))
    result = coverage([np.array([3] * 15 + [UNKNOWN] * 5)], [law])
    assert result.moves_seen == 1
    assert result.unknown_share == 0.25
    assert result.distance > 0.8 > result.distance_by_chance
    assert coverage([np.full(20, UNKNOWN)], [law]).distance == 1


def test_coverage_counts_new_moves_at_the_ends_of_phrases():
    even = np.ones((4, 24)) / 24
    ever_the_same, ever_another = np.full(8, 3), np.repeat([3, 4, 5, 6], 2)
    assert coverage([ever_the_same], [even]).changes == 0
    assert coverage([ever_another], [even]).changes == 1
    assert coverage([ever_the_same, ever_another], [even, even]).changes == 0.5
    assert coverage([ever_another], [even]).expected_changes == pytest.approx(23 / 24)
    certain = np.eye(24)[[3, 3, 5, 5]]
    assert coverage([ever_the_same], [certain]).expected_changes == pytest.approx(1 / 3)


def test_coverage_counts_no_change_to_or_from_the_unknown():
    even = np.ones((4, 24)) / 24
    assert coverage([np.array([3, 3, UNKNOWN, 4, 4, 4, 4, UNKNOWN])], [even]).changes == 0
    assert np.isnan(coverage([np.array([3, UNKNOWN, 4, 4])], [even]).changes)
    assert np.isnan(coverage([np.array([3, 3])], [even]).expected_changes)


@pytest.mark.parametrize("danced", [[], [np.zeros(0, int)]])
def test_coverage_needs_a_bar(danced):
    with pytest.raises(DataError, match="no whole bar"):
        coverage(danced, [np.ones((1, 24)) / 24] * len(danced))
