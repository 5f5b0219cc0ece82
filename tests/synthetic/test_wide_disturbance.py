import numpy as np
import pytest

from transflower.synthetic import wide_disturbance
from transflower.synthetic.crowds import babble, crowd
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.microphones import (
    clipped,
    in_room,
    through_band,
    with_gain_control,
    with_hum,
    with_tone,
)
from transflower.synthetic.recording import make_recording
from transflower.synthetic.wide_disturbance import disturb_widely, is_unheard

BEATS = 0.5 + 0.5 * np.arange(47)


def clicks(seconds: float = 24.0) -> np.ndarray:
    """A click on every beat."""
    sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    sound[np.round(BEATS[seconds > BEATS] * SAMPLE_RATE).astype(int)] = 0.5
    return sound


def only(monkeypatch, kind: str) -> None:
    monkeypatch.setattr(wide_disturbance, "_GAPS", {name: float(name == kind) for name in wide_disturbance._GAPS})


@pytest.mark.parametrize("make", [babble, crowd])
def test_voices_are_finite_sound_that_is_drawn_anew(make):
    one, again, other = (make(SAMPLE_RATE, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.isfinite(one).all()
    assert one.std() > 0.1
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("effect", [clipped, in_room, through_band, with_gain_control, with_hum, with_tone])
def test_effects_change_a_song_and_keep_its_beats_where_they_are(effect):
    for seed in range(4):
        song = clicks(3.0)
        heard = effect(song.astype(float), np.random.default_rng(seed))
        assert heard.shape == song.shape
        assert np.isfinite(heard).all()
        assert not np.allclose(heard, song)
        if effect is not with_hum:
            loudest = np.abs(heard[round(0.9 * SAMPLE_RATE) : round(1.1 * SAMPLE_RATE)]).argmax()
            assert abs(loudest / SAMPLE_RATE - 0.1) < 0.01
    assert np.isfinite(effect(np.zeros(SAMPLE_RATE), np.random.default_rng(0))).all()


@pytest.mark.parametrize("kind", wide_disturbance._GAPS)
def test_there_is_no_music_in_the_gaps(monkeypatch, kind):
    only(monkeypatch, kind)
    monkeypatch.setattr(wide_disturbance, "_BED", 0.0)
    monkeypatch.setattr(wide_disturbance, "_EFFECTS", ())
    monkeypatch.setattr(wide_disturbance, "_SILENT", 1.0)
    for seed in range(4):
        heard, gaps = disturb_widely(clicks(), BEATS, np.random.default_rng(seed))
        assert heard.dtype == np.float32
        assert np.abs(heard).max() <= 1
        played = np.abs(heard[np.round(BEATS * SAMPLE_RATE).astype(int)]) > 0
        for start, stop in gaps:
            assert not played[(start + 0.5 < BEATS) & (stop - 0.5 > BEATS)].any()
        outside = np.all([(start > BEATS) | (stop < BEATS) for start, stop in gaps], axis=0) if gaps else played | True
        assert played[outside].all()
        assert bool(gaps) == (kind != "none")


def test_a_phrase_is_unheard_where_it_begins_in_a_long_gap():
    starts_at = [0.5, 4.5, 8.5, 12.5, 16.5, 20.5]
    assert BEATS[::8].tolist() == starts_at
    assert is_unheard(BEATS, [(7.0, 16.5)]).tolist() == [False, False, True, True, False, False]
    assert is_unheard(BEATS, [(7.0, 10.0)]).tolist() == [False] * 6
    assert is_unheard(BEATS, [(0.0, 24.0)]).all()
    assert not is_unheard(BEATS, []).any()


def test_the_dancer_sways_where_no_music_is_heard_and_dances_elsewhere_as_without_noise(monkeypatch):
    only(monkeypatch, "long")
    plain, noisy = (make_recording(5, 11, seconds=26, noisy_share=share, variety="wide") for share in (0.0, 1.0))
    truth = noisy.ground_truth
    assert (plain.ground_truth.is_noisy, truth.is_noisy) == (False, True)
    assert any(truth.is_idle)
    assert not all(truth.is_idle)
    kept = [move for move in zip(truth.moves, plain.ground_truth.moves, strict=True) if move[0] != "idle"]
    assert all(own == other for own, other in kept)


def test_music_that_often_stops_is_swayed_through_more_often():
    shares = []
    for variety in ("wide", "gaps"):
        made = [make_recording(1, index, seconds=20, noisy_share=1.0, variety=variety) for index in range(12)]
        shares.append(np.mean([one.ground_truth.is_idle[0] for one in made]))
    assert shares[1] > shares[0]


def test_a_dancer_who_hears_nothing_sways_without_a_pulse(monkeypatch):
    only(monkeypatch, "all")
    dancing, swaying = (
        make_recording(4, 9, seconds=20, noisy_share=share, variety="wide").clip for share in (0.0, 1.0)
    )
    heights = [clip.translations[0][60:, 1] for clip in (dancing, swaying)]
    sideways = swaying.translations[0][60:, 0]
    assert np.std(heights[1]) < 0.4 * np.std(heights[0])
    assert np.ptp(sideways) > 0.02
