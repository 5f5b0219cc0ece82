"""The song in the page."""

import numpy as np
import pytest

from tests.viewer.factories import make_rising_tone
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.viewer.sound import MARKER_SECONDS, encode_sound, marker_samples


def decoded(tmp_path, sound):
    (tmp_path / "sound.mp3").write_bytes(sound.content)
    return read_audio(tmp_path / "sound.mp3")


def test_the_song_starts_so_long_after_the_marker(tmp_path):
    rate = 48000
    click = np.zeros((rate, 2), np.float32)
    click[:24] = 0.9
    sound = encode_sound(Audio(click, rate), 1.0)
    heard = decoded(tmp_path, sound)
    marker = int(np.argmax(np.correlate(heard.samples[: rate // 4, 0], marker_samples(rate), "valid")))
    start = marker / rate + MARKER_SECONDS / 2 + sound.lead
    loudest = np.argmax(heard.samples[round(start * rate) - 480 :, 0]) - 480
    assert abs(loudest - 12) < 24


def test_silence_follows_a_song_that_ends_before_the_dance(tmp_path):
    sound = encode_sound(make_rising_tone(seconds=1), 3.0)
    assert decoded(tmp_path, sound).seconds == pytest.approx(3.0 + sound.lead + MARKER_SECONDS / 2 + 0.05, abs=0.05)
    assert sound.waveform[: len(sound.waveform) // 4].min() > 200
    assert sound.waveform[-len(sound.waveform) // 2 :].max() == 0


def test_three_minutes_of_sound_are_small():
    assert len(encode_sound(make_rising_tone(seconds=9), 9.0).content) * 20 < 2.7e6


def test_silence_has_a_flat_waveform():
    assert encode_sound(Audio(np.zeros((4800, 1), np.float32), 48000), 0.1).waveform.max() == 0
