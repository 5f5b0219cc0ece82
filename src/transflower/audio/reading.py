"""Reading sound from WAV, MP3, OGG, FLAC, M4A, video: whatever FFmpeg decodes, aligned to the sample.

Lossy encoders put silence before the music (their delay, or priming) and fill up the last block after it. Where the
file says how much, it is cut off, so that the same music is at the same time in every format.

Shape letters: N samples, C channels.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from transflower.audio.audio import Audio
from transflower.audio.decoding import NOT_SOUND, SoundTrack
from transflower.audio.formats import DEMUXERS
from transflower.audio.stated_length import check_stated_length
from transflower.core.errors import FormatError
from transflower.core.files import check_file

# A piece is so long, unless it would have more samples of all channels than this.
_PIECE_SECONDS = 10
_PIECE_SAMPLES = 1 << 21
# Float files that hold 16-bit integers or corrupt data lie far beyond full scale.
_LOUDEST = 100.0


def read_audio(path: Path | str) -> Audio:
    """Read the sound of a file whole; of a video, its first sound track at the time where it plays.

    Raises:
        FormatError: missing, not sound, damaged, cut short, empty, or with samples that are no numbers.
    """
    pieces = list(read_pieces(path))
    return Audio(np.concatenate([piece.samples for piece in pieces]), pieces[0].sample_rate)


def read_pieces(path: Path | str) -> Iterator[Audio]:
    """The same in pieces of about 10 seconds, so that hours of sound need little memory.

    All have the same rate and number of channels; there is at least one.

    Raises:
        FormatError: as ``read_audio``, in part only when the piece is reached at which it shows: what is made of the
            pieces may not be kept before the last.
    """
    import av  # imported late, so that --help is quick

    path = Path(path)
    check_file(path)
    mp3 = check_stated_length(path)
    options = {"format_whitelist": ",".join(DEMUXERS)}
    try:
        # Tags do not matter, nor how they are coded.
        with av.open(str(path.absolute()), options=options, metadata_errors="ignore") as container:
            track = SoundTrack(path, container, mp3)
            size = min(_PIECE_SECONDS * track.sample_rate, max(1, _PIECE_SAMPLES // track.channels))
            num_samples = 0
            for samples in regrouped(track.blocks(), size):
                _check_samples(path, samples, num_samples, track.sample_rate)
                num_samples += len(samples)
                yield Audio(samples, track.sample_rate)
    except av.error.FFmpegError as error:
        raise FormatError(path, NOT_SOUND) from error
    if num_samples == 0:
        raise FormatError(path, "holds no sound: it has 0 samples")


def pieces_of(sound: Audio | Path | str) -> Iterator[Audio]:
    """Sound in memory as one piece, a file as by ``read_pieces``."""
    return iter([sound]) if isinstance(sound, Audio) else read_pieces(sound)


def check_sound(path: Path | str) -> None:
    """Read the sound of a file to check it, and keep nothing.

    Raises:
        FormatError: as ``read_audio``.
    """
    for _ in read_pieces(path):
        pass


def regrouped(blocks: Iterable[np.ndarray], size: int) -> Iterator[Float32[np.ndarray, "N C"]]:
    """The samples of ``blocks`` in pieces of ``size``, the last of which may be shorter."""
    held: list[np.ndarray] = []
    num_held = 0
    for block in blocks:
        held.append(block)
        num_held += len(block)
        if num_held >= size:
            joined = np.concatenate(held) if len(held) > 1 else held[0]
            whole = num_held - num_held % size
            yield from (joined[start : start + size] for start in range(0, whole, size))
            held, num_held = [joined[whole:]], num_held - whole
    if num_held:
        yield np.concatenate(held)


def _check_samples(path: Path, samples: Float32[np.ndarray, "N C"], start: int, rate: int) -> None:
    # Twice as quick as an array of absolute values.
    if samples.min() >= -_LOUDEST and samples.max() <= _LOUDEST:
        return
    is_fault = ~(np.abs(samples) <= _LOUDEST)
    first = int(is_fault.any(axis=1).argmax())
    value = samples[first][is_fault[first]][0]
    place = f"sample {start + first} ({(start + first) / rate:.3f} s)"
    raise FormatError(path, f"{place} is {value}; samples lie between -1 and 1: export it again")
