import numpy as np
import pytest

from tests.features.audio.factories import f_measure, make_clicks, make_rock, peak_times
from transflower.audio.audio import Audio
from transflower.features.audio import CombSettings, extract


def beat_activation(audio: Audio, fps: float = 30.0) -> np.ndarray:
    return extract(audio, CombSettings(fps=fps))[:, -3]


@pytest.mark.parametrize("bpm", range(70, 161, 10))
def test_clicks_are_found(bpm: int) -> None:
    times = np.arange(0.37, 20, 60 / bpm)
    found = peak_times(beat_activation(make_clicks(times, 20)), 30)
    assert f_measure(found, times) > 0.97
    steady = found[found > 5]
    assert np.abs(steady[:, None] - times).min(axis=1).mean() < 0.015


@pytest.mark.parametrize("bpm", (100, 112, 124, 136, 148))
@pytest.mark.parametrize("gain", (1.0, 0.1))
def test_beats_of_drums_and_bass_are_found_at_any_level(bpm: int, gain: float) -> None:
    audio, beats = make_rock(bpm, 20, seed=bpm)
    quiet = Audio(audio.samples * np.float32(gain), audio.sample_rate)
    assert f_measure(peak_times(beat_activation(quiet), 30), beats) > 0.9


@pytest.mark.parametrize("bpm", (80, 100, 125, 150))
def test_the_hand_points_up_at_beats_and_down_between_them(bpm: int) -> None:
    beats = np.arange(0.37, 20, 60 / bpm)
    rows = extract(make_clicks(beats, 20), CombSettings())[:, -2:]
    phase = np.interp(np.arange(240, 540) / 30, beats, 2 * np.pi * np.arange(len(beats)))
    true_hand = np.stack([np.cos(phase), np.sin(phase)], axis=-1)
    assert np.abs(rows[240:540] - true_hand).mean() < 0.15


@pytest.mark.parametrize("fps", (20.0, 29.97, 60.0))
def test_any_frame_rate_finds_the_same_beats(fps: float) -> None:
    audio, beats = make_rock(120, 15)
    assert f_measure(peak_times(beat_activation(audio, fps), fps), beats) > 0.95


def test_beats_go_on_through_a_break() -> None:
    times = np.arange(0.3, 20, 0.5)
    is_played = (times < 10) | (times > 12.2)
    activation = beat_activation(make_clicks(times[is_played], 20))
    missing = times[~is_played]
    at_beats = np.interp(missing, np.arange(len(activation)) / 30, activation)
    between = np.interp(missing + 0.25, np.arange(len(activation)) / 30, activation)
    assert at_beats.min() > 0.4
    assert between.max() < 0.1


def test_a_sound_off_the_beat_is_no_beat() -> None:
    times = np.arange(0.3, 12, 0.5)
    activation = beat_activation(make_clicks(np.append(times, 10.55), 12))
    assert activation[round(10.55 * 30)] < 0.2
    assert activation[round(10.3 * 30)] > 0.6


def test_new_tempo_is_followed_within_the_memory() -> None:
    slow, fast = np.arange(0.3, 12, 0.6), np.arange(12, 28, 0.4)
    found = peak_times(beat_activation(make_clicks(np.append(slow, fast), 28)), 30)
    assert f_measure(found, fast, since=20.5) > 0.95


def test_silence_and_steady_noise_have_no_beat() -> None:
    random = np.random.default_rng(0)
    noise = Audio((0.1 * random.standard_normal((24000 * 12, 1))).astype(np.float32), 24000)
    assert beat_activation(noise)[150:].max() < 0.2
    assert not beat_activation(Audio(np.zeros((24000, 1), np.float32), 24000)).any()


def test_activation_is_a_probability() -> None:
    activation = beat_activation(make_rock(125, 10)[0])
    assert activation.min() >= 0
    assert activation.max() <= 1
