import tracemalloc

import numpy as np
import pytest
import soundfile

from tests.audio.factories import make_noise
from transflower.audio.audio import Audio
from transflower.audio.resampling import Resampler
from transflower.render.soundtrack import AUDIO_RATE, loudness, soundtrack


def whole(sound, num_samples):
    return np.concatenate(list(soundtrack(sound, num_samples)))


@pytest.mark.parametrize("channels", (1, 2, 6))
@pytest.mark.parametrize("seconds", (0.5, 25.0))
def test_a_file_sounds_as_the_same_sound_at_hand(tmp_path, channels, seconds):
    audio = make_noise(12.0, 8000, channels)
    soundfile.write(tmp_path / "a.wav", audio.samples, 8000, subtype="FLOAT")
    found = whole(tmp_path / "a.wav", round(seconds * AUDIO_RATE))
    np.testing.assert_array_equal(found, whole(audio, round(seconds * AUDIO_RATE)))
    assert len(found) == round(seconds * AUDIO_RATE)
    assert not found[round(12.1 * AUDIO_RATE) :].any()


def test_both_sides_of_stereo_stay_apart():
    audio = make_noise(0.5, 8000)
    expected = [Resampler(8000, AUDIO_RATE).push(side, last=True) for side in audio.samples.T]
    np.testing.assert_array_equal(whole(audio, AUDIO_RATE // 2).T, expected)


@pytest.mark.parametrize("num_samples", (1000, 2_400_000))
def test_loudness_in_pieces_is_that_of_the_samples(num_samples):
    sound = (0.1 + 0.5 * np.random.default_rng(0).random((num_samples, 2))).astype(np.float32)
    levels = loudness(np.array_split(sound, 7), num_samples)
    stretch = len(sound) // len(levels)
    expected = np.sqrt((sound.mean(axis=1).astype(float) ** 2).reshape(-1, stretch).mean(axis=1))
    np.testing.assert_allclose(levels, expected, rtol=1e-5)


def test_a_long_video_does_not_keep_its_sound(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((120 * 8000, 2), np.int16), 8000)
    whole(Audio(np.zeros((8, 2), np.float32), 8000), 8)
    tracemalloc.start()
    count = sum(len(piece) for piece in soundtrack(tmp_path / "a.wav", 120 * AUDIO_RATE))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 120 * AUDIO_RATE
    assert peak < 23e6  # whole it would be 46 MB
