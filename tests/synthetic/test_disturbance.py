import numpy as np
import pytest

from transflower.core.seeds import generator
from transflower.synthetic import disturbance
from transflower.synthetic.disturbance import disturb
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.noises import NOISES, draw_noise
from transflower.synthetic.recording import make_recording

BEATS = 0.5 + 0.25 * np.arange(30)


def music(seconds: float = 8) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 330 * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)).astype(np.float32)


def only(monkeypatch, use: str) -> None:
    monkeypatch.setattr(disturbance, "_USES", {name: float(name == use) for name in disturbance._USES})


@pytest.mark.parametrize("kind", NOISES.values(), ids=NOISES)
def test_every_noise_is_as_long_as_asked_for_finite_and_drawn_anew(kind):
    one, again, other = (kind(2 * SAMPLE_RATE, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert len(one) == 2 * SAMPLE_RATE
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other) or not one.any()


def test_noises_are_equally_loud_or_silent():
    levels = {round(float(np.std(draw_noise(SAMPLE_RATE, np.random.default_rng(seed)))), 1) for seed in range(24)}
    assert levels <= {0.0, 0.9, 1.0}  # of a slow hum there are no whole periods
    assert 1.0 in levels


@pytest.mark.parametrize("use", disturbance._USES)
def test_a_disturbed_song_is_no_longer_itself_and_never_clips_over(monkeypatch, use):
    only(monkeypatch, use)
    for seed in range(4):
        heard = disturb(music(), BEATS, np.random.default_rng(seed))
        assert heard.dtype == np.float32
        assert heard.shape == music().shape
        assert np.abs(heard).max() <= 1
        assert not np.allclose(heard, music())


def test_silence_can_be_disturbed():
    for seed in range(6):
        assert np.isfinite(disturb(np.zeros(8 * SAMPLE_RATE), BEATS, np.random.default_rng(seed))).all()


def test_breaks_begin_with_phrases_and_leave_the_music_elsewhere(monkeypatch):
    only(monkeypatch, "breaks")
    monkeypatch.setattr(disturbance, "draw_noise", lambda num_samples, rng: np.zeros(num_samples))
    heard = disturb(music(), BEATS, np.random.default_rng(1))
    edges = np.flatnonzero(np.diff((np.abs(heard) > 0).astype(int)) != 0) / SAMPLE_RATE
    starts = BEATS[::8]
    between = [edge for edge in edges if np.abs(starts - edge).min() < 0.005]
    assert between
    assert 0 < np.mean(np.abs(heard) > 0) < 1


def test_noise_changes_what_is_heard_and_not_how_it_is_danced():
    clean, noisy = (make_recording(4, 1, seconds=8, noisy_share=share) for share in (0.0, 1.0))
    assert (clean.ground_truth.is_noisy, noisy.ground_truth.is_noisy) == (False, True)
    assert clean.ground_truth.moves == noisy.ground_truth.moves
    np.testing.assert_array_equal(clean.clip.rotations, noisy.clip.rotations)
    assert not np.allclose(clean.song.audio.samples, noisy.song.audio.samples)
    assert noisy.song.seconds == clean.song.seconds


def test_songs_of_a_share_above_none_are_the_same_where_they_are_not_disturbed():
    index = next(index for index in range(50) if generator(4, "noise", index).random() >= 0.5)
    plain, spared = make_recording(4, index, seconds=8), make_recording(4, index, seconds=8, noisy_share=0.5)
    assert not spared.ground_truth.is_noisy
    np.testing.assert_array_equal(plain.song.audio.samples, spared.song.audio.samples)
