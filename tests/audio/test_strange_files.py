"""Sound files that are whole, though players disagree about them, and such as are cut without a word."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from tests.audio.factories import RATE, encode, lag_seconds, make_noise
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.core.errors import FormatError

SOUND = make_noise(1.0)


def written(path: Path, audio: Audio = SOUND, **options: str) -> bytes:
    soundfile.write(path, audio.samples, audio.sample_rate, **options)
    return path.read_bytes()


def assert_read_whole(path: Path) -> None:
    audio = read_audio(path)
    assert lag_seconds(SOUND, audio) == 0
    assert audio.samples.shape == SOUND.samples.shape


@pytest.mark.parametrize(
    ("name", "subtype", "channels"),
    (
        ("a.flac", "PCM_16", 8),
        ("a.wav", "FLOAT", 8),
        ("a.wav", "PCM_24", 9),
        ("a.wav", "PCM_16", 16),
        ("a.w64", "FLOAT", 24),
    ),
)
def test_any_number_of_channels_is_read(tmp_path: Path, name: str, subtype: str, channels: int) -> None:
    written(tmp_path / name, make_noise(0.1, RATE, channels), subtype=subtype)
    expected, _ = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)
    np.testing.assert_array_equal(read_audio(tmp_path / name).samples, expected)


@pytest.mark.parametrize(("codec", "layout"), (("libopus", "7.1"), ("alac", "7.1(wide)")))
def test_eight_channels_that_are_decoded_separately_are_read(tmp_path: Path, codec: str, layout: str) -> None:
    levels = np.linspace(-0.7, 0.7, 8)
    path = tmp_path / "a.mka"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48000, layout=layout)
        is_packed = stream.codec_context.format.is_packed
        frame = av.AudioFrame(format="s16" if is_packed else "s32p", layout=layout, samples=9600)
        waves = levels[:, None] * np.sin(np.arange(9600) / 50)
        for plane, wave in enumerate([waves.T.ravel()] if is_packed else waves):
            scaled = wave * 32767 if is_packed else wave * 2**31
            scaled = scaled.astype(np.int16 if is_packed else np.int32)
            buffer = av.audio.plane.AudioPlane(frame, plane)
            buffer.update(scaled.tobytes().ljust(buffer.buffer_size, b"\0"))
        frame.rate, frame.pts = 48000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = read_audio(path).samples[2000:7000]
    gains = np.linalg.lstsq(np.sin(np.arange(2000, 7000) / 50)[:, None], found, rcond=None)[0][0]
    np.testing.assert_allclose(np.sort(gains), levels, atol=0.03)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


LATIN = "Café S\xe4nger".encode("latin-1")
ID3V2 = b"ID3\x03\0\0\0\0\0\x14" + b"TIT2" + struct.pack(">IH", 10, 0) + b"\x03" + LATIN[:9]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    (
        ("a.mp3", b"", b"TAG" + LATIN.ljust(125, b"\0")),
        ("a.mp3", b"", b"TAG" + "ダンス".encode("shift-jis").ljust(125, b"\0")),
        ("a.mp3", b"", b"TAG" + "Танец".encode("cp1251").ljust(125, b"\0")),
        ("a.mp3", ID3V2, b""),
        ("a.wav", b"", _chunk(b"LIST", b"INFO" + _chunk(b"INAM", LATIN))),
        ("a.wav", b"", _chunk(b"bext", LATIN.ljust(602, b"\0"))),
        ("a.aiff", b"", b"NAME" + struct.pack(">I", 12) + LATIN.ljust(12, b"\0")),
    ),
    ids=("latin", "japanese", "russian", "id3v2", "info", "bext", "aiff"),
)
def test_tags_in_any_coding_do_not_matter(tmp_path: Path, name: str, before: bytes, after: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(before + written(path) + after)
    assert_read_whole(path)


def test_names_of_tracks_in_any_coding_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    encode(path, SOUND, "aac")
    content = path.read_bytes()
    assert b"SoundHandler" in content
    path.write_bytes(content.replace(b"SoundHandler", b"S\xe4ngerHandle"))
    assert_read_whole(path)


def ape_tag(cover: bytes) -> bytes:
    item = struct.pack("<II", len(cover), 2) + b"Cover Art (Front)\0" + cover
    ends = [struct.pack("<8s4I8x", b"APETAGEX", 2000, len(item) + 32, 1, flags) for flags in (0xA0000000, 0)]
    return ends[0] + item + ends[1]


@pytest.mark.parametrize(
    "tag",
    (
        ape_tag(bytes(200_000)),
        ape_tag(np.random.default_rng(3).bytes(300_000)) + b"TAG".ljust(128, b"\0"),
        b"LYRICSBEGIN" + b"la la " * 9000 + b"054011LYRICS200",
    ),
    ids=("cover", "random", "lyrics"),
)
def test_large_tags_behind_an_mp3_are_no_music(tmp_path: Path, tag: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(written(path) + tag)
    assert_read_whole(path)


@pytest.mark.parametrize("tag", (b"", ape_tag(bytes(100_000))), ids=("bare", "tagged"))
def test_an_mp3_that_lost_frames_is_cut_short_with_and_without_tags(tmp_path: Path, tag: bytes) -> None:
    path = tmp_path / "a.mp3"
    content = written(path)
    path.write_bytes(content[: len(content) // 2] + tag)
    with pytest.raises(FormatError, match=r"is cut short: 0\.\d+ of 1\.00 s"):
        read_audio(path)


def test_an_mp3_that_announces_nothing_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    encode(path, SOUND, "libmp3lame", muxer={"write_xing": "0"})
    path.write_bytes(path.read_bytes() + ape_tag(bytes(100_000)))
    assert lag_seconds(SOUND, read_audio(path)) == 0


def test_mp3s_in_one_file_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(written(path) * 2)
    assert read_audio(path).seconds == pytest.approx(2, abs=0.1)


def ogg_pages(content: bytes) -> list[bytearray]:
    pages, start = [], 0
    while start < len(content):
        segments = content[start + 26]
        size = 27 + segments + sum(content[start + 27 : start + 27 + segments])
        pages.append(bytearray(content[start : start + size]))
        start += size
    return pages


def checked(page: bytearray) -> bytearray:
    """The page with its checksum."""
    page[22:26] = bytes(4)
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum >> 31 else 0)
    page[22:26] = struct.pack("<I", checksum)
    return page


@pytest.mark.parametrize(("name", "rate"), (("a.opus", 48000), ("a.ogg", RATE), ("a.oga", RATE)))
def test_ogg_that_was_cut_from_a_stream_counts_from_its_first_page(tmp_path: Path, name: str, rate: int) -> None:
    path, audio = tmp_path / name, make_noise(3.0, rate)
    encode(path, audio, "libopus") if rate == 48000 else written(path, audio, format="OGG")
    pages = ogg_pages(path.read_bytes())
    for page in pages:
        (moment,) = struct.unpack_from("<q", page, 6)
        if moment > 0:
            struct.pack_into("<q", page, 6, moment + 1000 * rate)
    path.write_bytes(b"".join(map(checked, pages)))
    assert read_audio(path).seconds == pytest.approx(3.0, abs=0.01)


def _without_last_page(content: bytes) -> bytes:
    return b"".join(ogg_pages(content)[:-1])


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _without_last_bytes(content: bytes) -> bytes:
    return content[:-100]


@pytest.mark.parametrize("cut", (_half, _without_last_page, _without_last_bytes))
@pytest.mark.parametrize("codec", ("vorbis", "libopus", "flac"))
def test_ogg_without_its_end_is_cut_short(tmp_path: Path, codec: str, cut) -> None:
    path = tmp_path / "a.ogg"
    if codec == "vorbis":
        written(path)
    else:
        encode(path, make_noise(3.0, 48000), codec)
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(FormatError, match="is cut short: the page that ends the stream is missing; copy it again"):
        read_audio(path)


def test_a_tag_behind_the_end_of_ogg_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(written(path) + b"TAG" + LATIN.ljust(125, b"\0"))
    assert_read_whole(path)


@pytest.mark.parametrize("suffix", (".webm", ".mka"))
def test_matroska_without_its_end_is_cut_short(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    encode(path, make_noise(3.0, 48000), "libopus")
    path.write_bytes(_half(path.read_bytes()))
    with pytest.raises(FormatError, match=r"is cut short: 1.\d+ of 3.0\d s"):
        read_audio(path)


@pytest.mark.parametrize("size", ("00000000", "7ffff000", "7fffffff", "80000000", "80000024", "ffffff00", "ffffffff"))
def test_wav_of_a_pipe_is_read_to_its_end(tmp_path: Path, size: str) -> None:
    path = tmp_path / "a.wav"
    content = bytearray(written(path))
    content[4:8] = content[40:44] = int(size, 16).to_bytes(4, "little")
    path.write_bytes(content)
    assert_read_whole(path)


@pytest.mark.parametrize(("name", "place"), (("a.au", 8), ("a.w64", 16), ("a.aiff", 4)))
def test_other_files_of_a_pipe_are_read_to_their_end(tmp_path: Path, name: str, place: int) -> None:
    path = tmp_path / name
    content = bytearray(written(path))
    content[place : place + 4] = b"\xff" * 4 if name == "a.au" else b"\x7f\xff\xf0\x00"
    path.write_bytes(content)
    assert_read_whole(path)


@pytest.mark.parametrize("riff", (0, 0xFFFFFFFF, 40_000))
def test_wav_whose_sound_is_cut_is_refused_whatever_its_head_says(tmp_path: Path, riff: int) -> None:
    path = tmp_path / "a.wav"
    content = bytearray(written(path))
    content[4:8] = riff.to_bytes(4, "little")
    path.write_bytes(content[:50_000])
    with pytest.raises(FormatError, match="is cut short: 50000 of 176444 bytes"):
        read_audio(path)


@pytest.mark.parametrize("tag", (0x6771, 0xFFFD))
def test_an_unknown_codec_is_named_as_the_fault(tmp_path: Path, tag: int) -> None:
    path = tmp_path / "a.wav"
    content = bytearray(written(path))
    content[20:22] = tag.to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(FormatError, match="holds sound of a codec that is not known here; convert it to FLAC or WAV"):
        read_audio(path)


def test_two_sample_rates_in_one_file_are_refused(tmp_path: Path) -> None:
    parts = []
    for rate in (44100, 22050):
        encode(tmp_path / "a.mp3", make_noise(0.5, rate), "libmp3lame", muxer={"write_xing": "0", "id3v2_version": "0"})
        parts.append((tmp_path / "a.mp3").read_bytes())
    (tmp_path / "a.mp3").write_bytes(b"".join(parts))
    with pytest.raises(FormatError, match=r"changes from \d+ to \d+ samples per second at 0\.\d+ s; convert it"):
        read_audio(tmp_path / "a.mp3")


@pytest.mark.parametrize(("start", "stop"), ((8, 18), (18, 26), (8, 42)), ids=("sizes", "rate", "all"))
def test_a_flac_whose_header_says_nothing_is_no_sound(tmp_path: Path, start: int, stop: int) -> None:
    path = tmp_path / "a.flac"
    content = bytearray(written(path))
    content[start:stop] = bytes(stop - start)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="is not sound"):
        read_audio(path)
