import numpy as np
import pytest
from PIL import Image

from transflower.core.errors import DataError
from transflower.data.synthetic.dataset import make_recording
from transflower.evaluation.synthetic import compare_with_truth, draw_moves_figure
from transflower.motion.clip import Clip


@pytest.fixture(scope="module")
def recordings():
    return [make_recording(0, index, seconds=20) for index in range(4)]


def delayed(clip: Clip, frames: int) -> Clip:
    tracks = {joint: np.roll(track, frames, axis=0) for joint, track in clip.translations.items()}
    return Clip(clip.skeleton, clip.fps, np.roll(clip.rotations, frames, axis=0), tracks)


@pytest.mark.slow
def test_the_data_themselves_keep_the_law(recordings):
    figures = compare_with_truth([(one.clip, one.truth) for one in recordings])
    assert figures.beat_seconds < 0.03 < 0.1 < figures.beat_seconds_by_chance
    assert figures.dips_per_beat == pytest.approx(1, abs=0.15)
    assert figures.moves.unknown_share < 0.05
    assert figures.moves.distance < 2 * figures.moves.distance_by_chance


@pytest.mark.slow
def test_dances_off_the_beat_and_without_moves_are_told(recordings, tmp_path):
    late = compare_with_truth([(delayed(one.clip, round(15 * 60 / one.truth.tempo)), one.truth) for one in recordings])
    assert late.beat_seconds > late.beat_seconds_by_chance
    frozen = [(delayed(one.clip, 0), one.truth) for one in recordings]
    for clip, _ in frozen:
        clip.rotations[:] = clip.rotations[:1]
        clip.translations[0][:] = clip.translations[0][:1]
    still = compare_with_truth(frozen)
    assert still.dips_per_beat == 0
    assert still.moves.unknown_share == 1
    assert "of 24 appear" in still.text()
    assert "at none of the ends of phrases" in still.text()
    draw_moves_figure(tmp_path / "moves.png", late.moves)
    with Image.open(tmp_path / "moves.png") as picture:
        assert picture.size[0] > 500


def test_no_dance_at_all_is_refused():
    with pytest.raises(DataError, match="no dances"):
        compare_with_truth([])
