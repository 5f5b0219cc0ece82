import numpy as np
import pytest

from transflower.core.errors import OptionsError
from transflower.features.audio.spectrum import LOWEST_HZ, MelSpectrum, decibels, mel_bank


@pytest.mark.parametrize(("sample_rate", "window", "bands"), ((24000, 2048, 80), (48000, 4096, 128), (16000, 512, 40)))
def test_filter_bank_is_that_of_librosa(sample_rate: int, window: int, bands: int) -> None:
    filters = pytest.importorskip("librosa.filters")
    expected = filters.mel(sr=sample_rate, n_fft=window, n_mels=bands, fmin=LOWEST_HZ, norm=None)
    np.testing.assert_allclose(mel_bank(sample_rate, window, bands), expected, atol=1e-5)


def make_spectrum(window: int = 2048) -> MelSpectrum:
    return MelSpectrum(sample_rate=24000, window=window, bands=80)


def test_level_is_relative_to_a_sine_of_full_scale() -> None:
    at = np.arange(4096) / 24000
    for level in (0, -20, -40):
        sine = (10 ** (level / 20) * np.sin(2 * np.pi * 3000 * at)).astype(np.float32)
        loudest = decibels(make_spectrum().power(sine, np.array([2048])), floor=1e-9).max()
        # A Hann window spreads a sine over three bins, by how much hangs on where it lies between them.
        assert level - 1.5 < loudest < level + 1.8


def test_silence_is_at_the_floor() -> None:
    power = make_spectrum().power(np.zeros(4096, np.float32), np.array([1024, 3072]))
    np.testing.assert_allclose(decibels(power, floor=1e-6), -60, atol=1e-4)


def test_window_is_centred() -> None:
    samples = np.zeros(6000, np.float32)
    samples[3000] = 1
    assert make_spectrum().power(samples, np.arange(2900, 3101)).mean(axis=1).argmax() == 100


def test_more_bands_than_the_window_can_tell_apart_are_refused() -> None:
    with pytest.raises(OptionsError, match="80 mel bands are too many for windows of 256 samples at 24000 Hz"):
        make_spectrum(window=256)
