"""Reading sound from WAV, MP3, OGG, FLAC, M4A, video: whatever FFmpeg decodes, aligned to the sample.

Lossy encoders put silence before the music (their delay, or priming) and fill up the last block after it. Where the
file says how much, it is cut off, so that the same music is at the same time in every format.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from transflower.audio.audio import Audio
from transflower.core.errors import FormatError

if TYPE_CHECKING:
    import av.audio.stream
    import av.container

# Nothing that, like a playlist, could name other files.
_FORMATS = "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,mov,matroska,mpegts,avi,asf"

# Samples before the music in bare streams that do not say how many. MP3 without a LAME tag: LAME's own delay of 576
# and the decoder's of 529. AAC: one block.
_USUAL_DELAY = {"mp3": 1105, "aac": 1024}

# Bytes by which careless writers of WAV miscount.
_WAV_TOLERANCE = 4096
# Seconds by which a file may be shorter than it announces: Opus counts up to 80 ms of delay. A block of FLAC is longer.
_LENGTH_TOLERANCE = 0.082
# Samples of the longest block of AAC (with spectral band replication), and some of the next.
_LONGEST_BLOCK = 4096
# Float files that hold 16-bit integers, or rubbish, lie far beyond full scale.
_LOUDEST = 100.0

_NOT_SOUND = "is not sound, or has lost its end; give a whole WAV, MP3, OGG, FLAC or M4A"


def read_audio(path: Path | str) -> Audio:
    """Read the sound of a file; of a video, its first sound track at the time where it plays.

    Raises:
        FormatError: missing, not sound, damaged, cut short, empty, or with samples that are no numbers.
    """
    import av  # not at the top: --help must not wait for it

    path = Path(path)
    _check_file(path)
    try:
        with av.open(str(path.absolute()), options={"format_whitelist": _FORMATS}) as container:
            audio = _decode(path, container)
    except (av.error.FFmpegError, UnicodeError) as error:
        raise FormatError(path, _NOT_SOUND) from error
    _check_samples(path, audio)
    return audio


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise FormatError(path, "is a folder, not a sound file")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error
    if size == 0:
        raise FormatError(path, "is empty")
    # FFmpeg plays what there is of half a WAV and says nothing.
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        announced = int.from_bytes(head[4:8], "little") + 8
        was_streamed = announced > 0xFFFFFF00
        if not was_streamed and size + _WAV_TOLERANCE < announced:
            raise FormatError(path, f"is cut short: {size} of {announced} bytes; copy it again")


def _decode(path: Path, container: "av.container.InputContainer") -> Audio:
    if not container.streams.audio:
        raise FormatError(path, "holds no sound")
    stream = container.streams.audio[0]
    rate = stream.rate
    if not rate:
        raise FormatError(path, _NOT_SOUND)  # FFmpeg took the suffix for the format
    if not 1000 <= rate <= 1_000_000:
        raise FormatError(path, f"announces {rate} samples per second; convert it to 44100")
    samples, start = _samples_and_start(path, container, stream)
    # FFmpeg cuts a delay that is stated, and says so by a start later than 0.
    codec = stream.codec.canonical_name
    if codec == container.format.name and codec in _USUAL_DELAY and not stream.start_time:
        samples = samples[_USUAL_DELAY[codec] :]
    elif stream.duration and stream.time_base:
        announced = round(stream.duration * stream.time_base * rate)
        if len(samples) < announced - _LENGTH_TOLERANCE * rate:
            seconds = f"{len(samples) / rate:.2f} of {announced / rate:.2f} s"
            raise FormatError(path, f"is cut short: {seconds}; copy it again")
        # FFmpeg leaves the rest of the last block at the end of M4A.
        if "mp4" in container.format.name and len(samples) - announced <= _LONGEST_BLOCK:
            samples = samples[:announced]
    silence = np.zeros((max(0, round(start * rate)), samples.shape[1]), np.float32)
    return Audio(np.concatenate([silence, samples]), rate)


def _samples_and_start(
    path: Path, container: "av.container.InputContainer", stream: "av.audio.stream.AudioStream"
) -> tuple[Float32[np.ndarray, "N C"], float]:
    """All samples, and by how many seconds they start later than the picture."""
    import av

    to_float = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
    blocks = [np.zeros((stream.channels, 0), np.float32)]
    start, num_samples, is_damaged = 0.0, 0, False
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            # Rubbish before the first sound and after the last (tags of other programs) does no harm.
            is_damaged = num_samples > 0
            continue
        if frames and is_damaged:
            raise FormatError(path, f"is damaged at {num_samples / stream.rate:.2f} s; encode it again")
        for frame in frames:
            if num_samples == 0:
                start = (frame.time or 0.0) - max(0, container.start_time or 0) / av.time_base
            blocks += [block.to_ndarray().astype(np.float32, copy=False) for block in to_float.resample(frame)]
            num_samples += frame.samples
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T), start


def _check_samples(path: Path, audio: Audio) -> None:
    if len(audio.samples) == 0:
        raise FormatError(path, "holds no sound: it has 0 samples")
    is_fault = ~(np.abs(audio.samples) <= _LOUDEST)
    if is_fault.any():
        first = int(is_fault.any(axis=1).argmax())
        value = audio.samples[first][is_fault[first]][0]
        place = f"sample {first} ({first / audio.sample_rate:.3f} s)"
        raise FormatError(path, f"{place} is {value}; samples lie between -1 and 1: export it again")
