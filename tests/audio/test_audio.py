import numpy as np

from tests.audio.factories import make_noise
from transflower.audio.audio import Audio


def test_mono_is_the_mean_of_the_channels() -> None:
    audio = make_noise(0.1, channels=6)
    np.testing.assert_allclose(audio.mono, audio.samples.mean(axis=1), atol=1e-6)


def test_seconds_count_samples_of_one_channel() -> None:
    assert Audio(np.zeros((4410, 2), np.float32), 44100).seconds == 0.1
