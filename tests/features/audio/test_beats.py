import numpy as np
import pytest

from tests.features.audio.factories import BEAT, PHASE, SURE, f_measure, make_clicks, make_rock, peak_times
from transflower.audio.audio import Audio
from transflower.features.audio import AudioSettings, extract

READINGS = ("whole", "causal")


def beat_activation(audio: Audio, fps: float = 30.0, reading: str = "causal") -> np.ndarray:
    return extract(audio, AudioSettings(fps=fps, reading=reading))[:, BEAT]


def danced(beats: np.ndarray, bpm: float, found: np.ndarray) -> np.ndarray:
    """The beats that are danced: of fast music every other one, whichever the hand has begun with."""
    if bpm < 142:
        return beats
    pairs = [beats[::2], beats[1::2]]
    return max(pairs, key=lambda pair: f_measure(found, pair))


@pytest.mark.parametrize("bpm", (80, 100, 120, 140, 150, 175, 200))
@pytest.mark.parametrize("reading", READINGS)
def test_clicks_are_found(bpm: int, reading: str) -> None:
    times = np.arange(0.37, 20, 60 / bpm)
    found = peak_times(beat_activation(make_clicks(times, 20), reading=reading), 30)
    beats = danced(times, bpm, found)
    assert f_measure(found, beats) > 0.97
    steady = found[found > 5]
    assert np.abs(steady[:, None] - beats).min(axis=1).mean() < 0.015


@pytest.mark.parametrize("bpm", (100, 124, 148))
@pytest.mark.parametrize("gain", (1.0, 0.1))
def test_beats_of_drums_and_bass_are_found_at_any_level(bpm: int, gain: float) -> None:
    audio, beats = make_rock(bpm, 20, seed=bpm)
    found = peak_times(beat_activation(Audio(audio.samples * np.float32(gain), audio.sample_rate)), 30)
    assert f_measure(found, danced(beats, bpm, found)) > 0.9


@pytest.mark.parametrize("bpm", (80, 100, 125))
def test_the_hand_points_up_at_beats_and_down_between_them(bpm: int) -> None:
    beats = np.arange(0.37, 20, 60 / bpm)
    rows = extract(make_clicks(beats, 20), AudioSettings())[:, PHASE]
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


def test_new_tempo_is_followed() -> None:
    slow, fast = np.arange(0.3, 12, 0.75), np.arange(12, 28, 0.5)
    found = peak_times(beat_activation(make_clicks(np.append(slow, fast), 28)), 30)
    assert f_measure(found, fast, since=18) > 0.95


def test_silence_and_steady_noise_have_no_beat() -> None:
    random = np.random.default_rng(0)
    noise = Audio((0.1 * random.standard_normal((24000 * 12, 1))).astype(np.float32), 24000)
    for reading in READINGS:
        assert extract(noise, AudioSettings(reading=reading))[150:, SURE].mean() < 0.3
        assert not beat_activation(Audio(np.zeros((24000, 1), np.float32), 24000), reading=reading).any()


def test_activation_and_sureness_are_probabilities() -> None:
    rows = extract(make_rock(125, 10)[0], AudioSettings())
    for column in (BEAT, SURE):
        assert rows[:, column].min() >= 0
        assert rows[:, column].max() <= 1
    np.testing.assert_allclose(np.linalg.norm(rows[:, PHASE], axis=1), rows[:, SURE], atol=1e-5)


def test_hand_of_accelerating_music_never_turns_faster_than_people_dance_and_never_jumps() -> None:
    beats = np.cumsum(60 / np.linspace(110, 190, 130))
    rows = extract(make_clicks(beats, float(beats[-1])), AudioSettings(fps=60.0))[:, PHASE]
    turns = np.angle((rows[:, 0] + 1j * rows[:, 1])[1:] * (rows[:, 0] - 1j * rows[:, 1])[:-1]) / (2 * np.pi)
    steady = turns[5 * 60 : -5 * 60]
    assert steady.max() < 1.2 * 150 / 3600
    assert steady.min() > 0
    assert 3600 * steady[-300:].mean() == pytest.approx(0.5 * 60 / np.diff(beats)[-25:].mean(), rel=0.05)
