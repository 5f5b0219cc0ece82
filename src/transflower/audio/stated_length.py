"""The length that a sound file states, where FFmpeg does not check it or only estimates it.

FFmpeg reads a truncated WAV or OGG without an error, and uses the number of frames that an MP3 states only where no
large tags follow.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from transflower.core.errors import FormatError

# Bytes by which some writers of WAV miscount.
_WAV_TOLERANCE = 4096
# Chunks before the sound of a WAV; more are not music.
_MOST_CHUNKS = 1000
# Programs that write to a pipe do not know the size: they write 0, one of these, or a little less.
_UNKNOWN_SIZES = (0x7F000000, 1 << 31, 1 << 32)
_UNKNOWN_SIZE_MARGIN = 1 << 16
# An Ogg page is at most 65307 bytes long.
_OGG_TAIL = 1 << 17
_OGG_HEAD = struct.Struct("<4sBBqIIIB")
_OGG_LAST = 4
# As far as MP3 decoders look for the first frame.
_MP3_SEARCHED = 1 << 16
# Samples by which a decoder of MP3 is late.
_MP3_DECODER_DELAY = 529


@dataclass(frozen=True)
class Mp3Length:
    """Number of samples that an MP3 announces."""

    samples: int
    """From its first frame to its last, less the encoder's delay and padding where they are stated."""
    states_delay: bool
    """Whether they are."""


def check_stated_length(path: Path) -> Mp3Length | None:
    """Compare the size that WAV or OGG announces with the file's own; what an MP3 announces is returned.

    Raises:
        FormatError: empty, or shorter than announced.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(12)
            if size == 0:
                raise FormatError(path, "is empty")
            if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
                _check_wav(path, file, int.from_bytes(head[4:8], "little"), size)
            if head[:4] == b"OggS":
                _check_ogg(path, file, size)
            return _mp3_length(file, size)
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error


def is_unknown(size: int) -> bool:
    """Whether a number of bytes stands for an unknown size."""
    return size == 0 or any(-_UNKNOWN_SIZE_MARGIN <= size - limit <= 64 for limit in _UNKNOWN_SIZES)


def _check_wav(path: Path, file: BinaryIO, riff_size: int, size: int) -> None:
    announced, data_size = riff_size + 8, riff_size
    for name, start, length in islice(_chunks(file, size), _MOST_CHUNKS):
        if name == b"data":
            announced, data_size = start + length, length
            break
    if not is_unknown(data_size) and size + _WAV_TOLERANCE < announced:
        raise FormatError(path, f"is cut short: {size} of {announced} bytes; copy it again")


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and length of each chunk of WAV."""
    place = 12
    while place + 8 <= size:
        file.seek(place)
        name, length = struct.unpack("<4sI", file.read(8))
        yield name, place + 8, length
        place += 8 + length + length % 2


def _check_ogg(path: Path, file: BinaryIO, size: int) -> None:
    """The last page of a whole file is the last of its stream, and is there to its end."""
    file.seek(max(0, size - _OGG_TAIL))
    tail = file.read(_OGG_TAIL)
    start = tail.rfind(b"OggS")
    head = tail[start : start + _OGG_HEAD.size]
    if start >= 0 and len(head) == _OGG_HEAD.size:
        segments = _OGG_HEAD.unpack(head)[7]
        lengths = tail[start + len(head) : start + len(head) + segments]
        is_whole = len(lengths) == segments and start + len(head) + segments + sum(lengths) <= len(tail)
        if is_whole and head[5] & _OGG_LAST:
            return
    raise FormatError(path, "is cut short: the page that ends the stream is missing; copy it again")


def _mp3_length(file: BinaryIO, size: int) -> Mp3Length | None:
    """What the header of Xing, LAME or Fraunhofer says, which lies in the first frame."""
    place = _after_id3(file, size)
    file.seek(place)
    data = file.read(_MP3_SEARCHED)
    start = data.find(b"\xff")
    while 0 <= start < len(data) - 4:
        header = int.from_bytes(data[start : start + 4], "big")
        version, layer = header >> 19 & 3, header >> 17 & 3
        if header >> 21 == 0x7FF and version != 1 and layer == 1 and (header >> 12 & 15) not in {0, 15}:
            return _xing(data[start : start + 512], is_first=version == 3, is_mono=header >> 6 & 3 == 3)
        start = data.find(b"\xff", start + 1)
    return None


def _after_id3(file: BinaryIO, size: int) -> int:
    place = 0
    while place + 10 <= size:
        file.seek(place)
        head = file.read(10)
        if head[:3] != b"ID3":
            break
        length = 0
        for byte in head[6:10]:
            length = length << 7 | byte & 127
        place += 10 + length + (10 if head[5] & 16 else 0)
    return place


def _xing(frame: bytes, *, is_first: bool, is_mono: bool) -> Mp3Length | None:
    block = 1152 if is_first else 576
    side = (17 if is_mono else 32) if is_first else (9 if is_mono else 17)
    start = 4 + side
    if frame[start : start + 4] in {b"Xing", b"Info"}:
        flags = int.from_bytes(frame[start + 4 : start + 8], "big")
        if not flags & 1:
            return None
        count = int.from_bytes(frame[start + 8 : start + 12], "big")
        # After frames, bytes, table and quality, each of which may be missing, comes the tag of LAME.
        tag = start + 8 + 4 + (4 if flags & 2 else 0) + (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
        stated = int.from_bytes(frame[tag + 21 : tag + 24], "big")
        delay, padding = stated >> 12, stated & 4095
        states_delay = frame[tag : tag + 4] in {b"LAME", b"Lavf", b"Lavc"}
        if states_delay:
            return Mp3Length(max(0, count * block - delay - max(padding, _MP3_DECODER_DELAY)), states_delay=True)
        return Mp3Length(count * block, states_delay=False)
    if frame[36:40] == b"VBRI":
        return Mp3Length(int.from_bytes(frame[50:54], "big") * block, states_delay=False)
    return None
