import numpy as np

from transflower.audio.mp3 import mp3_bytes
from transflower.audio.reading import read_audio


def test_what_was_written_is_read_again(tmp_path):
    times = np.arange(48000) / 48000
    wave = np.stack([0.5 * np.sin(2 * np.pi * hertz * times) for hertz in (440, 660)], axis=1).astype(np.float32)
    path = tmp_path / "tone.mp3"
    path.write_bytes(mp3_bytes(np.array_split(wave, 7), 48000))
    audio = read_audio(path)
    assert (audio.sample_rate, audio.samples.shape) == (48000, wave.shape)
    assert np.abs(audio.samples - wave)[2000:-2000].max() < 0.05


def test_samples_beyond_full_scale_are_clipped(tmp_path):
    path = tmp_path / "loud.mp3"
    path.write_bytes(mp3_bytes([np.full((9600, 2), 5.0, np.float32)], 48000))
    assert np.abs(read_audio(path).samples).max() < 1.5
