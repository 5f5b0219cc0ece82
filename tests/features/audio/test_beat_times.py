import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.features.audio.beat_times import has_beats, heard_beats

FPS = 30.0
TODAY = ("onset", "beat", "beat_cos", "beat_sin")
NAMES = (*TODAY, "beat_sure")


def rows_of(beats, seconds, *, length=0.9, fps=FPS):
    """Rows whose hand passes straight up at ``beats``, and goes on at their outermost tempi."""
    moments = np.arange(round(seconds * fps)) / fps
    first, last = beats[1] - beats[0], beats[-1] - beats[-2]
    more = np.concatenate([beats[0] - first * np.arange(200, 0, -1), beats, beats[-1] + last * np.arange(1, 200)])
    phase = 2 * np.pi * np.interp(moments, more, np.arange(-200, len(more) - 200))
    length = np.broadcast_to(length, moments.shape)
    hand = [length * np.cos(phase), length * np.sin(phase)]
    return np.stack([np.zeros_like(moments)] * 2 + hand + [length], axis=1).astype(np.float32)


@pytest.mark.parametrize("bpm", [45, 96.5, 138, 215])
@pytest.mark.parametrize("fps", [10.0, 29.97, 60.0])
def test_beats_are_where_the_hand_passes_straight_up(bpm, fps):
    beats = np.arange(0.21, 20, 60 / bpm)
    found = heard_beats(rows_of(beats, 20, fps=fps), NAMES, fps)
    assert np.abs(found.times[: len(beats) - 1] - beats[:-1]).max() < 1e-3
    assert found.bpm == pytest.approx(bpm, abs=0.01)
    assert found.certainty == pytest.approx(0.9)
    assert found.share == 1


def test_a_beat_at_the_start_counts_once():
    found = heard_beats(rows_of(np.arange(20) / 2, 8), NAMES, FPS)
    np.testing.assert_allclose(found.times, np.arange(16) / 2, atol=1e-4)


def test_columns_without_a_number_of_sureness_are_as_sure_as_their_hand_is_long():
    rows = rows_of(np.arange(20) / 2, 8, length=0.5)
    found = heard_beats(rows[:, : len(TODAY)], TODAY, FPS)
    assert found.certainty == pytest.approx(0.5)
    np.testing.assert_allclose(found.sure, 0.5, atol=1e-6)
    assert len(found.times) == 16


def test_a_tempo_that_changes_has_a_range():
    beats = np.concatenate([np.arange(0, 20, 0.5), np.arange(20, 40, 0.75)])
    found = heard_beats(rows_of(beats, 40), NAMES, FPS)
    assert found.bpm_range == pytest.approx((80, 120), abs=0.1)
    assert found.tempi[0] == pytest.approx(120, abs=0.1)
    assert found.tempi[-1] == pytest.approx(80, abs=0.1)


def test_where_it_is_not_sure_no_beat_is_told():
    moments = np.arange(600) / FPS
    length = np.where((moments > 5.1) & (moments < 11.9), 0.1, 0.8)
    found = heard_beats(rows_of(np.arange(40) / 2, 20, length=length), NAMES, FPS)
    assert not ((found.times > 5.2) & (found.times < 11.8)).any()
    assert len(found.times) == 11 + 16
    assert found.bpm == pytest.approx(120, abs=0.1)  # The gap is no interval.
    assert np.isfinite(found.tempi).all()
    assert found.share == pytest.approx(0.66, abs=0.01)
    assert found.certainty == pytest.approx(0.8)


def test_a_hand_that_trembles_passes_the_top_once():
    beats = np.arange(0.3, 30, 0.5)
    rows = rows_of(beats, 30)
    turn = np.exp(1j * np.random.default_rng(0).normal(0, 0.4, len(rows)))
    hand = (rows[:, 2] + 1j * rows[:, 3]) * turn
    rows[:, 2], rows[:, 3] = hand.real, hand.imag
    found = heard_beats(rows, NAMES, FPS)
    assert len(found.times) == len(beats)
    assert np.diff(found.times).min() > 0.2


def test_silence_has_no_beat():
    found = heard_beats(np.zeros((200, 5), np.float32), NAMES, FPS)
    assert not found.is_heard
    assert (len(found.times), found.share, found.certainty) == (0, 0.0, 0.0)
    assert np.isnan(found.bpm)
    assert np.isnan(found.bpm_range).all()
    assert not heard_beats(np.zeros((0, 5), np.float32), NAMES, FPS).is_heard


def test_a_single_row_is_read():
    assert len(heard_beats(rows_of(np.arange(4.0), 0.04), NAMES, FPS).times) <= 1


def test_features_without_a_hand_are_refused():
    assert not has_beats(("onset", "beat"))
    with pytest.raises(DataError, match="beat_cos and beat_sin"):
        heard_beats(np.zeros((5, 2), np.float32), ("onset", "beat"), FPS)
