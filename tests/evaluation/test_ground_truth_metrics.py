import numpy as np
import pytest
from PIL import Image

from tests.evaluation.factories import quick_recogniser
from transflower.core.errors import DataError
from transflower.evaluation import ground_truth_metrics
from transflower.evaluation.ground_truth_metrics import compare_with_ground_truth, draw_moves_chart
from transflower.motion.clip import Clip
from transflower.synthetic.recording import make_recording


@pytest.fixture(autouse=True)
def recognised_quickly(monkeypatch):
    """By a recogniser that has seen fewer dancers, enough for these: its own tests have the whole one."""
    monkeypatch.setattr(ground_truth_metrics, "move_recogniser", quick_recogniser)


@pytest.fixture(scope="module")
def recordings():
    return [make_recording(0, index, seconds=20) for index in range(4)]


def delayed(clip: Clip, frames: int) -> Clip:
    tracks = {joint: np.roll(track, frames, axis=0) for joint, track in clip.translations.items()}
    return Clip(clip.skeleton, clip.fps, np.roll(clip.rotations, frames, axis=0), tracks)


@pytest.mark.slow
def test_the_data_themselves_agree_with_the_ground_truth(recordings):
    metrics = compare_with_ground_truth([(one.clip, one.ground_truth) for one in recordings])
    assert metrics.beat_seconds < 0.03 < 0.1 < metrics.beat_seconds_by_chance
    assert metrics.dips_per_beat == pytest.approx(1, abs=0.15)
    assert metrics.moves.unrecognised_share < 0.05
    assert metrics.moves.total_variation < 2 * metrics.moves.total_variation_by_chance


@pytest.mark.slow
def test_dances_off_the_beat_and_without_moves_are_told(recordings, tmp_path):
    late = compare_with_ground_truth(
        [(delayed(one.clip, round(15 * 60 / one.ground_truth.tempo)), one.ground_truth) for one in recordings]
    )
    assert late.beat_seconds > late.beat_seconds_by_chance
    frozen = [(delayed(one.clip, 0), one.ground_truth) for one in recordings]
    for clip, _ in frozen:
        clip.rotations[:] = clip.rotations[:1]
        clip.translations[0][:] = clip.translations[0][:1]
    still = compare_with_ground_truth(frozen)
    assert still.dips_per_beat == 0
    assert still.moves.unrecognised_share == 1
    assert "that appear: 0 of 24" in still.text()
    assert "phrase ends: none" in still.text()
    draw_moves_chart(tmp_path / "moves.png", late.moves)
    with Image.open(tmp_path / "moves.png") as picture:
        assert picture.size[0] > 500


def test_no_dance_at_all_is_refused():
    with pytest.raises(DataError, match="no dances"):
        compare_with_ground_truth([])
