from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.factories import make_noise
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.audio.writing import write_wav


@pytest.mark.parametrize("channels", (1, 2))
def test_wav_is_read_back_within_a_step_of_16_bits(tmp_path: Path, channels: int) -> None:
    audio = make_noise(0.3, 22050, channels)
    write_wav(tmp_path / "new_folder" / "song.wav", audio)
    again = read_audio(tmp_path / "new_folder" / "song.wav")
    assert again.sample_rate == 22050
    np.testing.assert_allclose(again.samples, audio.samples, atol=1 / 32767)


def test_too_loud_samples_are_clipped_not_wrapped(tmp_path: Path) -> None:
    write_wav(tmp_path / "song.wav", Audio(np.array([[2.0], [-2.0]], np.float32), 8000))
    np.testing.assert_allclose(read_audio(tmp_path / "song.wav").samples, [[1], [-1]], atol=1e-4)


def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(soundfile.LibsndfileError):
        write_wav(tmp_path / "song.wav", Audio(np.zeros((10, 2), np.float32), -1))
    assert list(tmp_path.iterdir()) == []
