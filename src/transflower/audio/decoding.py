"""The sound track of an opened file, frame after frame, from moment 0 of the file on.

Shape letters: N samples, C channels.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from transflower.audio.formats import ESTIMATING_DEMUXERS
from transflower.audio.frames import frame_samples, joined_frames, with_channels
from transflower.audio.stated_length import Mp3Length, is_unknown
from transflower.core.errors import FormatError

if TYPE_CHECKING:
    import av
    import av.audio.stream
    import av.container

_PCM_BITS = re.compile(r"pcm_[suf](\d+)")

NOT_SOUND = "is not sound, or has lost its end; give a whole WAV, MP3, OGG, FLAC or M4A"

# Samples before the music in bare streams that do not say how many. MP3 without a LAME tag: LAME's own delay of 576
# and the decoder's of 529. AAC: one block.
_USUAL_DELAY = {"mp3": 1105, "aac": 1024}
# Seconds by which a file may be shorter than it announces: Opus counts up to 80 ms of delay. A block of FLAC is longer.
_LENGTH_TOLERANCE = 0.082
# Samples of the longest block of AAC (with spectral band replication), and some of the next.
_LONGEST_BLOCK = 4096
# Seconds by which sound may start later than the picture. More are broken time stamps.
_LATEST_START = 3600.0
# Length of the blocks into which decoded frames are joined.
_JOINED_SECONDS = 1


class SoundTrack:
    """The first sound track of a file.

    Raises:
        FormatError: there is none, or it is of a kind that cannot be decoded.
    """

    def __init__(self, path: Path, container: "av.container.InputContainer", mp3: Mp3Length | None) -> None:
        self._path, self._container = path, container
        self._stream = _sound_stream(path, container)
        codec = self._stream.codec.canonical_name
        # FFmpeg cuts a delay that is stated, and says so by a start later than 0.
        is_bare = codec == container.format.name and not self._stream.start_time
        self._delay = _USUAL_DELAY.get(codec, 0) if is_bare else 0
        self._mp3 = mp3 if codec == "mp3" else None
        self._num_decoded = 0
        frames = self._decode()
        first = next(frames, None)
        self._frames = chain([] if first is None else [first], frames)
        self.sample_rate: int = self._stream.rate if first is None else first.sample_rate
        self.channels: int = self._stream.channels if first is None else first.layout.nb_channels
        if not (self.sample_rate and self.channels):  # of a damaged header, when nothing can be decoded
            raise FormatError(path, NOT_SOUND)
        self._silence = 0 if first is None else round(self._late_by(first) * self.sample_rate)

    def blocks(self) -> Iterator[Float32[np.ndarray, "N C"]]:
        """The samples: silence until the sound starts, and the sound without delay and filling of its encoder.

        Raises:
            FormatError: damaged, shorter than announced, or of several sample rates.
        """
        for start in range(0, self._silence, self.sample_rate):
            yield np.zeros((min(self.sample_rate, self._silence - start), self.channels), np.float32)
        num_samples, announced = 0, self._announced()
        # FFmpeg leaves the rest of the last block at the end of M4A, and of MP3 with large tags behind the sound.
        limit = announced if self._states_end() else None
        rest: list[np.ndarray] = []
        for samples in self._after_delay():
            num_samples += len(samples)
            if limit is None or num_samples <= limit:
                yield samples
            elif num_samples <= limit + _LONGEST_BLOCK:
                inside = max(0, len(samples) - (num_samples - limit))
                yield samples[:inside]
                rest.append(samples[inside:])
            else:  # so much more than announced is music
                yield from [*rest, samples]
                limit = None
        if announced and num_samples < announced - _LENGTH_TOLERANCE * self.sample_rate:
            seconds = f"{num_samples / self.sample_rate:.2f} of {announced / self.sample_rate:.2f} s"
            raise FormatError(self._path, f"is cut short: {seconds}; copy it again")

    def _after_delay(self) -> Iterator[Float32[np.ndarray, "N C"]]:
        delay = self._delay
        for frame in joined_frames(self._of_one_rate(), _JOINED_SECONDS * self.sample_rate):
            samples = with_channels(frame_samples(frame), self.channels)
            yield samples[delay:]
            delay = max(0, delay - len(samples))

    def _of_one_rate(self) -> Iterator["av.AudioFrame"]:
        for frame in self._frames:
            if frame.sample_rate != self.sample_rate:
                rates = f"from {self.sample_rate} to {frame.sample_rate} samples per second"
                raise FormatError(self._path, f"changes {rates}{self._place()}; convert it to one rate")
            yield frame

    def _decode(self) -> Iterator["av.AudioFrame"]:
        import av

        is_damaged = False
        for packet in self._container.demux(self._stream):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                # Other data before the first sound and after the last, such as tags, are ignored.
                is_damaged = self._num_decoded > 0
                continue
            if frames and is_damaged:
                if self._mp3 and self._num_decoded >= self._mp3.samples:
                    return  # a tag that happens to look like sound
                raise FormatError(self._path, f"is damaged{self._place()}; encode it again")
            for frame in frames:
                yield frame
                self._num_decoded += frame.samples

    def _place(self) -> str:
        return f" at {self._num_decoded / self.sample_rate:.2f} s"

    def _late_by(self, first: "av.AudioFrame") -> float:
        """Seconds by which the sound starts later than the picture."""
        import av

        seconds = max(0.0, (first.time or 0.0) - max(0, self._container.start_time or 0) / av.time_base)
        if seconds > _LATEST_START:
            raise FormatError(self._path, f"has no sound before {seconds:.0f} s, which is a fault of its time stamps")
        return seconds

    def _states_end(self) -> bool:
        return "mp4" in self._container.format.name or (self._mp3 is not None and self._mp3.states_delay)

    def _announced(self) -> int | None:
        """Samples that the file says it has; None where it does not say."""
        import av

        name, stream = self._container.format.name, self._stream
        if self._mp3 is not None:
            return self._mp3.samples - self._delay
        if name in ESTIMATING_DEMUXERS:
            return None
        seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        if "matroska" in name and self._container.duration and len(self._container.streams) == 1:
            seconds = self._container.duration / av.time_base
        if "matroska" in name or name == "ogg":  # these tell the time of the end, and may be cut from a longer stream
            seconds -= max(0, self._container.start_time or 0) / av.time_base
        announced = round(seconds * self.sample_rate)
        bits = _PCM_BITS.match(stream.codec.canonical_name)
        if bits and is_unknown(announced * self.channels * int(bits[1]) // 8):
            return None
        return announced


def _sound_stream(path: Path, container: "av.container.InputContainer") -> "av.audio.stream.AudioStream":
    if not container.streams.audio:
        raise FormatError(path, "holds no sound")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise FormatError(path, "holds sound of a codec that is not known here; convert it to FLAC or WAV")
    if not stream.rate:
        raise FormatError(path, NOT_SOUND)  # FFmpeg took the suffix for the format
    if not 1000 <= stream.rate <= 1_000_000:
        raise FormatError(path, f"announces {stream.rate} samples per second; convert it to 44100")
    return stream
