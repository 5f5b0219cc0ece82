import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.factories import RATE, encode, make_noise
from transflower.audio.audio import Audio
from transflower.audio.reading import check_sound, pieces_of, read_audio, read_pieces, regrouped
from transflower.core.errors import FormatError


def test_pieces_together_are_the_file(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    soundfile.write(path, make_noise(25.0, 8000).samples, 8000)
    pieces = list(read_pieces(path))
    assert [len(piece.samples) for piece in pieces] == [80_000, 80_000, 40_000]
    assert {piece.sample_rate for piece in pieces} == {8000}
    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in pieces]), read_audio(path).samples)


def test_sound_at_hand_is_one_piece() -> None:
    audio = make_noise(0.1)
    assert list(pieces_of(audio)) == [audio]


@pytest.mark.parametrize("sizes", ((0,), (5, 0, 1), (3, 3, 3), (20,), ()))
def test_regrouped_samples_stay_in_order(sizes: tuple[int, ...]) -> None:
    samples = np.arange(2 * sum(sizes), dtype=np.float32).reshape(-1, 2)
    pieces = list(regrouped(np.split(samples, np.cumsum(sizes)), 4))
    assert [len(piece) for piece in pieces[:-1]] == [4] * (len(pieces) - 1)
    np.testing.assert_array_equal(np.concatenate([np.zeros((0, 2)), *pieces]), samples)


def test_a_long_song_takes_no_more_memory_than_some_pieces(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros((5 * 60 * 8000, 2), np.int16), 8000)
    check_sound(path)  # what is imported at the first call does not count
    tracemalloc.start()
    num_samples = sum(len(piece.samples) for piece in read_pieces(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert num_samples == 5 * 60 * 8000
    assert peak < 4e6  # whole it would be 19 MB


def test_sound_that_starts_late_is_silence_until_then(tmp_path: Path) -> None:
    encode(tmp_path / "late.mkv", make_noise(0.2), "aac", video=True, delay=100.0)
    audio = read_audio(tmp_path / "late.mkv")
    assert audio.seconds == pytest.approx(100.2, abs=0.05)
    assert np.abs(audio.samples[: 99 * RATE]).max() == 0
    assert np.abs(audio.samples[100 * RATE :]).max() > 0.1


@pytest.mark.parametrize("delay", (5 * 3600.0, 1e6))
@pytest.mark.parametrize("suffix", (".mp4", ".mkv"))
def test_sound_that_starts_absurdly_late_is_refused(tmp_path: Path, suffix: str, delay: float) -> None:
    path = tmp_path / f"late{suffix}"
    encode(path, make_noise(0.2), "aac", video=True, delay=delay)
    with pytest.raises(FormatError, match=f"has no sound before {delay:.0f} s, which is a fault of its time stamps"):
        next(read_pieces(path))


def test_damage_shows_when_its_piece_is_reached(tmp_path: Path) -> None:
    samples = make_noise(25.0, 8000, 1).samples.copy()
    samples[190_000] = np.nan
    soundfile.write(tmp_path / "song.wav", samples, 8000, subtype="FLOAT")
    pieces = read_pieces(tmp_path / "song.wav")
    assert isinstance(next(pieces), Audio)
    next(pieces)
    with pytest.raises(FormatError, match=r"sample 190000 \(23.750 s\) is nan"):
        next(pieces)
