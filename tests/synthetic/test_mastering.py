import numpy as np

from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.mastering import master

TONE = np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)


def test_every_song_sounds_different_and_none_clips():
    masters = [master(TONE, np.random.default_rng(seed)) for seed in range(8)]
    loudness = [np.abs(samples).max() for samples in masters]
    assert max(loudness) <= 1
    assert max(loudness) > 1.5 * min(loudness)


def test_every_band_sounds_though_the_song_has_one_tone():
    spectrum = np.abs(np.fft.rfft(master(TONE, np.random.default_rng(0))))
    assert spectrum[30:].min() > 0
    assert np.median(spectrum[SAMPLE_RATE // 3 :]) > 1e-4


def test_beats_stay_where_they_are():
    mix = np.zeros(SAMPLE_RATE)
    mix[5000] = 1
    mastered = master(mix, np.random.default_rng(1))
    assert np.abs(mastered).argmax() == 5000
