"""Video files: H.264 pictures and AAC sound in MP4, in sync to a fraction of a frame.

Shape letters: N samples, C channels, B beats.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from jaxtyping import Float, Float32

from transflower.audio.audio import Audio
from transflower.audio.reading import regrouped
from transflower.core.errors import DataError
from transflower.core.files import atomic_path
from transflower.core.progress import progress
from transflower.motion.clip import Clip
from transflower.render.body import build_body
from transflower.render.canvas import YUV420
from transflower.render.grid import Grid
from transflower.render.options import VIDEO, VideoConfig
from transflower.render.scene import Scene
from transflower.render.segments import draw_segments, frame_rate
from transflower.render.soundtrack import AUDIO_RATE, loudness, soundtrack

_DECODING_DELAY = 2
"""Pictures that a decoder must have got before it shows the first, by the encoder's order."""
AUDIO_BLOCK = 1024
"""Samples of one AAC frame."""


def write_video(
    path: Path | str,
    clips: Sequence[Clip],
    sound: Audio | Path | str | None = None,
    config: VideoConfig = VIDEO,
    *,
    beats: Float[np.ndarray, " B"] | None = None,
    names: Sequence[str] = (),
) -> None:
    """Render dancers side by side, from their first frame to their last, with their music.

    Moment 0 of the clips is moment 0 of the sound. Sound beyond the longest clip is cut;
    where it ends earlier there is silence. The waveform marks the beats, in seconds; ``names`` are
    written where each dancer has a picture of its own. The file is written atomically.

    Raises:
        DataError: no clips.
        FormatError: the sound file cannot be read.
    """
    if not clips:
        raise DataError("a video needs at least one clip")
    bodies = [build_body(clip) for clip in clips]
    seconds = max(body.seconds for body in bodies)
    length = round(seconds * AUDIO_RATE)
    # Read twice rather than kept: the waveform shows the whole song before the first picture is encoded.
    levels = loudness(soundtrack(sound, length), length) if sound is not None and config.waveform else None
    scene = (
        Scene(bodies, config, sound=levels, beats=beats, coding=YUV420)
        if config.columns is None
        else Grid(bodies, names or [""] * len(bodies), config, sound=levels, beats=beats, coding=YUV420)
    )
    count = max(1, int(np.ceil(seconds * config.fps - 1e-6)))
    segments = draw_segments(scene.picture, count, config)
    join(path, segments, None if sound is None else soundtrack(sound, length), config, count=count)


def join(
    path: Path | str,
    segments: Iterable[bytes],
    sound: Iterable[Float32[np.ndarray, "_ 2"]] | None,
    config: VideoConfig,
    *,
    count: int,
) -> None:
    """Put encoded segments of ``count`` pictures, and pieces of stereo at ``AUDIO_RATE``, into an MP4 file."""
    with atomic_path(path) as temporary, av.open(str(temporary), "w", options={"movflags": "+faststart"}) as container:
        sounding = None
        # Of each picture there is one packet.
        packets = progress(_packets(container, segments, config), label="video", total=count, unit="frame")
        for index, packet in enumerate(packets):
            if index == 0 and sound is not None:
                sounding = _Sounding(container, sound)
            container.mux(packet)
            if sounding is not None:
                sounding.play_until((index + 1) / config.fps)
        if sounding is not None:
            sounding.play_until(np.inf)


def _packets(container: OutputContainer, segments: Iterable[bytes], config: VideoConfig) -> Iterator[av.Packet]:
    """The packets of all segments, one after the other, as those of a new stream of ``container``."""
    stream, start = None, 0
    for segment in segments:
        with av.open(BytesIO(segment), "r") as part:
            own = part.streams.video[0]
            stream = stream or container.add_stream_from_template(own)
            assert own.time_base is not None, "MP4 has one"
            ticks = 1 / frame_rate(config) / own.time_base
            shift = int(start * ticks)
            for packet in part.demux(own):
                if packet.pts is None:  # the end
                    continue
                # In the order of decoding; a segment of one picture has no delay of its own.
                packet.pts, packet.dts = packet.pts + shift, int((start - _DECODING_DELAY) * ticks)
                packet.stream = stream
                start += 1
                yield packet


class _Sounding:
    """Encodes sound piece by piece, so that pictures and sound lie side by side in the file."""

    def __init__(self, container: OutputContainer, sound: Iterable[Float32[np.ndarray, "_ 2"]]) -> None:
        self._container = container
        self._blocks: Iterator[np.ndarray] = regrouped(sound, AUDIO_BLOCK)
        self._done = 0
        self._stream = container.add_stream("aac", rate=AUDIO_RATE, options={"b": "192k", "aac_coder": "fast"})

    def play_until(self, seconds: float) -> None:
        """Encode what sounds before a moment; infinity ends the sound."""
        while self._done < seconds * AUDIO_RATE and (block := next(self._blocks, None)) is not None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
            # Counted from 0: the encoder's own delay is then noted in the file, and players skip it.
            frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self._done, Fraction(1, AUDIO_RATE)
            self._container.mux(self._stream.encode(frame))
            self._done += AUDIO_BLOCK
        if seconds == np.inf:
            self._container.mux(self._stream.encode(None))
