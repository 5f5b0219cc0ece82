import itertools
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from tests.audio.factories import RATE, encode, lag_seconds, make_noise
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.core.errors import FormatError


@pytest.mark.parametrize("subtype", ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"))
@pytest.mark.parametrize("channels", (1, 2, 6))
def test_wav_is_read_as_soundfile_reads_it(tmp_path: Path, subtype: str, channels: int) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, make_noise(0.2, 11025, channels).samples, 11025, subtype=subtype)
    audio = read_audio(path)
    expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert audio.sample_rate == 11025
    np.testing.assert_array_equal(audio.samples, expected)


@pytest.mark.parametrize("suffix", (".flac", ".ogg", ".mp3", ".aiff"))
def test_other_files_of_soundfile_keep_length_and_time(tmp_path: Path, suffix: str) -> None:
    original, path = make_noise(), tmp_path / f"song{suffix}"
    soundfile.write(path, original.samples, RATE)
    audio = read_audio(path)
    assert audio.samples.shape == original.samples.shape
    assert lag_seconds(original, audio) == 0


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    (
        ("song.m4a", "aac", 44100),
        ("song.m4a", "aac", 48000),
        ("song.mp3", "libmp3lame", 44100),
        ("song.mp3", "libmp3lame", 22050),
        ("song.opus", "libopus", 48000),
        ("song.webm", "libopus", 48000),
        ("song.aac", "aac", 44100),
        ("song.mkv", "aac", 44100),
    ),
)
def test_silence_that_encoders_put_before_the_music_is_cut(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    original = make_noise(sample_rate=rate)
    encode(tmp_path / name, original, codec)
    audio = read_audio(tmp_path / name)
    assert abs(lag_seconds(original, audio)) < 0.001
    assert 0 <= audio.seconds - original.seconds < 0.03


def test_rest_of_the_last_block_of_m4a_is_cut(tmp_path: Path) -> None:
    original = make_noise()
    encode(tmp_path / "song.m4a", original, "aac")
    assert abs(read_audio(tmp_path / "song.m4a").seconds - original.seconds) < 0.001


def test_mp3_that_does_not_state_its_delay_has_the_usual_one(tmp_path: Path) -> None:
    original = make_noise()
    encode(tmp_path / "song.mp3", original, "libmp3lame", muxer={"write_xing": "0"})
    assert lag_seconds(original, read_audio(tmp_path / "song.mp3")) == 0


@pytest.mark.parametrize("suffix", (".mp4", ".mkv"))
@pytest.mark.parametrize("delay", (0.0, 0.25))
def test_sound_of_a_video_is_where_it_plays(tmp_path: Path, suffix: str, delay: float) -> None:
    original, path = make_noise(), tmp_path / f"dance{suffix}"
    encode(path, original, "aac", video=True, delay=delay)
    assert abs(lag_seconds(original, read_audio(path)) - delay) < 0.001


def test_tag_behind_the_music_does_no_harm(tmp_path: Path) -> None:
    original, path = make_noise(), tmp_path / "song.mp3"
    soundfile.write(path, original.samples, RATE)
    path.write_bytes(path.read_bytes() + b"TAG" + b"My favourite song".ljust(125))
    assert read_audio(path).samples.shape == original.samples.shape


def test_wav_written_to_a_pipe_announces_no_length(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, make_noise(0.1).samples, RATE)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff" * 4
    path.write_bytes(content)
    assert len(read_audio(path).samples) == RATE // 10


def _write(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _sound(samples: np.ndarray, **options: str) -> Callable[[Path], None]:
    return lambda path: soundfile.write(path, samples, RATE, **options)


def _cut(part: slice, **options: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        soundfile.write(path, make_noise().samples, RATE, **options)
        path.write_bytes(path.read_bytes()[part])

    return make


def _hole(path: Path) -> None:
    soundfile.write(path, make_noise().samples, RATE)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes(4000) + content[middle + 4000 :])


def _half_m4a(path: Path) -> None:
    encode(path, make_noise(), "aac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _half_streamable_m4a(path: Path) -> None:
    encode(path, make_noise(), "aac", muxer={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _with(value: float) -> np.ndarray:
    samples = make_noise(0.1).samples.copy()
    samples[77, 1] = value
    return samples


_HALF = slice(0, 40_000)
_PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n"


@pytest.mark.parametrize(
    ("name", "make", "message"),
    (
        ("missing.wav", lambda path: None, "cannot be read (No such file"),
        ("folder.wav", lambda path: path.mkdir(), "is a folder"),
        ("empty.mp3", _write(b""), "is empty"),
        ("text.wav", _write(b"not music\n" * 500), "is not sound"),
        ("text.mp3", _write(b"not music\n" * 500), "is not sound"),
        ("zeros.flac", _write(bytes(9999)), "is not sound"),
        ("rubbish.ogg", _write(np.random.default_rng(0).bytes(9999)), "is not sound"),
        ("playlist.wav", _write(_PLAYLIST), "is not sound"),
        ("list.wav", _write(b"ffconcat version 1.0\nfile other.wav\n"), "is not sound"),
        ("picture.mp3", _write(b"\x89PNG\r\n\x1a\n" + bytes(500)), "is not sound"),
        ("head.wav", _cut(slice(0, 40)), "is cut short: 40 of"),
        ("half.wav", _cut(_HALF), "is cut short: 40000 of"),
        ("half.flac", _cut(_HALF), "is cut short: "),
        ("half.mp3", _cut(slice(0, 9000)), "is cut short: "),
        ("half.m4a", _half_m4a, "has lost its end"),
        ("half_streamable.m4a", _half_streamable_m4a, "is cut short: "),
        ("hole.mp3", _hole, "is damaged at 0.7"),
        ("hole.flac", _hole, "is cut short"),
        ("no_samples.wav", _sound(np.zeros((0, 2))), "holds no sound: it has 0 samples"),
        ("nan.wav", _sound(_with(np.nan), subtype="FLOAT"), "sample 77 (0.002 s) is nan"),
        ("infinite.wav", _sound(_with(-np.inf), subtype="FLOAT"), "sample 77 (0.002 s) is -inf"),
        ("integers.wav", _sound(_with(32767.0), subtype="FLOAT"), "sample 77 (0.002 s) is 32767"),
    ),
)
def test_unusable_file_is_refused_in_one_line(
    tmp_path: Path, name: str, make: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(FormatError) as caught:
        read_audio(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 32
        container.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(picture.encode(None))
    with pytest.raises(FormatError, match="holds no sound"):
        read_audio(path)


def test_rate_that_no_sound_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "slow.wav"
    soundfile.write(path, make_noise(0.1).samples, 500)
    with pytest.raises(FormatError, match="announces 500 samples per second"):
        read_audio(path)


@pytest.mark.real_data
def test_real_file_is_read_whole(real_audio: Path) -> None:
    audio = read_audio(real_audio)
    assert audio.samples.dtype == np.float32
    assert np.isfinite(audio.samples).all()
    assert 0 < np.abs(audio.samples).max() < 4
    if real_audio.suffix.lower() in {".wav", ".flac", ".ogg"}:
        expected, rate = soundfile.read(real_audio, dtype="float32", always_2d=True)
        assert audio.sample_rate == rate
        np.testing.assert_allclose(audio.samples, expected, atol=1e-5)


@pytest.mark.real_data
def test_real_excerpt_is_at_the_same_time_in_every_format(real_data_dir: Path) -> None:
    excerpts: defaultdict[Path, list[Path]] = defaultdict(list)
    for suffix in (".wav", ".flac", ".mp3", ".ogg", ".m4a"):
        for path in sorted(real_data_dir.rglob(f"*{suffix}")):
            excerpts[path.with_suffix("")].append(path)
    pairs = [pair for paths in excerpts.values() for pair in itertools.combinations(paths, 2)]
    if not pairs:
        pytest.skip("no excerpt in two formats")
    for first, second in pairs:
        lag = lag_seconds(_first_minute(first), _first_minute(second))
        assert abs(lag) < 0.001, f"{second.name} is {lag * 1000:.2f} ms after {first.name}"


def _first_minute(path: Path) -> Audio:
    audio = read_audio(path)
    return Audio(audio.samples[: 60 * audio.sample_rate], audio.sample_rate)
