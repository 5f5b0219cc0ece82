import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audio.factories import encode
from tests.examples import examples
from tests.features.audio.factories import ONSET, make_rock
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.features.audio import AudioSettings, CombSettings, extract, names, settings_from_dict, sidecar, silence
from transflower.features.audio.levels import LevelStream
from transflower.features.sidecar import AudioSidecar, sidecar_from_dict


@settings(max_examples=examples(25))
@given(
    num_samples=st.integers(1, 9000),
    sample_rate=st.sampled_from((8000, 11025, 24000, 44100)),
    fps=st.sampled_from((20.0, 25.0, 29.97, 30.0, 60.0)),
)
def test_there_is_a_row_for_every_frame_with_sound(num_samples: int, sample_rate: int, fps: float) -> None:
    audio = Audio(np.full((num_samples, 1), 0.1, np.float32), sample_rate)
    rows = extract(audio, AudioSettings(fps=fps))
    assert rows.dtype == np.float32
    assert rows.shape == (math.ceil(Fraction(num_samples, sample_rate) * Fraction(str(fps))), 85)


@pytest.mark.parametrize("seconds", (1, 10, 60))
@pytest.mark.parametrize("fps", (20.0, 30.0, 60.0))
def test_whole_seconds_have_no_row_more(seconds: int, fps: float) -> None:
    audio = Audio(np.zeros((8000 * seconds, 1), np.float32), 8000)
    assert len(extract(audio, AudioSettings(fps=fps))) == seconds * fps


def test_ten_minutes_at_an_odd_rate_keep_time() -> None:
    """Rounding does not add up: a click after ten minutes is in its frame."""
    fps, sample_rate, frame = 29.97, 11025, 17_900
    samples = np.zeros((math.ceil((frame + 5) / fps * sample_rate), 1), np.float32)
    start = round(frame / fps * sample_rate)
    samples[start : start + 50] = 0.5
    rows = LevelStream(sample_rate, AudioSettings(fps=fps)).push(samples[:, 0], last=True)
    assert rows[:, -1].argmax() == frame


def test_twice_gives_the_same_numbers() -> None:
    audio, _ = make_rock(110, 4)
    np.testing.assert_array_equal(extract(audio, AudioSettings()), extract(audio, AudioSettings()))


def test_no_sound_gives_no_rows() -> None:
    assert extract(Audio(np.zeros((0, 2), np.float32), 44100), AudioSettings()).shape == (0, 85)


def test_names_and_silence_fit_the_columns() -> None:
    options = AudioSettings(mels=24, n_fft=1024)
    assert len(names(options)) == len(set(names(options))) == 29
    assert names(options)[24:] == ("onset", "beat", "beat_cos", "beat_sin", "beat_sure")
    assert silence(options).shape == (29,)
    np.testing.assert_allclose(silence(options)[:24], -80, atol=1e-3)
    np.testing.assert_array_equal(silence(options)[24:], 0)


def test_sidecar_is_json_from_which_the_settings_come_back() -> None:
    options = AudioSettings(fps=29.97, mels=64)
    read = sidecar_from_dict(json.loads(json.dumps(sidecar(options))), "audio.json")
    assert isinstance(read, AudioSidecar)
    assert settings_from_dict(read.settings) == options
    np.testing.assert_array_equal(np.float32(read.silence), silence(options))


def test_settings_of_version_0_1_give_its_columns() -> None:
    old = {"fps": 30.0, "sample_rate": 24000, "mels": 80, "n_fft": 2048}
    options = settings_from_dict(old)
    assert isinstance(options, CombSettings)
    assert options.to_dict() == old
    rows = extract(make_rock(120, 10)[0], options)
    assert rows.shape == (300, 84)
    assert names(options)[80:] == ("onset", "beat", "beat_cos", "beat_sin")
    assert rows[200:, 81].max() > 0.5


@pytest.mark.parametrize(("name", "codec"), (("song.mp3", "libmp3lame"), ("song.m4a", "aac"), ("song.flac", "flac")))
def test_features_of_the_same_song_agree_between_formats(tmp_path: Path, name: str, codec: str) -> None:
    audio, _ = make_rock(120, 6, sample_rate=44100)
    stereo = Audio(np.repeat(audio.samples, 2, axis=1), 44100)
    encode(tmp_path / name, stereo, codec)
    expected, rows = extract(stereo, AudioSettings()), extract(read_audio(tmp_path / name), AudioSettings())
    assert len(rows) == len(expected)
    assert np.corrcoef(rows[:, ONSET], expected[:, ONSET])[0, 1] > 0.99
    assert np.abs(rows[:, :40] - expected[:, :40]).mean() < 2


@pytest.mark.real_data
def test_features_of_real_file_are_finite_and_of_the_right_length(real_audio: Path) -> None:
    audio = read_audio(real_audio)
    rows = extract(audio, AudioSettings())
    assert rows.shape == (math.ceil(audio.seconds * 30 - 1e-6), 85)
    assert np.isfinite(rows).all()
    assert rows[:, :80].min() > -80.01
    assert rows[:, 81].min() >= 0
    assert rows[:, 81].max() <= 1
