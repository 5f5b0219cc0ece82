"""Video files: H.264 pictures and AAC sound in MP4, in sync to a fraction of a frame.

Shape letters: N samples, C channels, B beats.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
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
from transflower.render.canvas import YUV420, Canvas
from transflower.render.options import VIDEO, VideoConfig
from transflower.render.scene import Scene
from transflower.render.soundtrack import AUDIO_RATE, loudness, soundtrack

AUDIO_BLOCK = 1024
"""Samples of one AAC frame."""
ENCODING_THREADS = 2
"""Pictures that are encoded at once, while the next is drawn. A fixed number: the file depends on it."""


def write_video(
    path: Path | str,
    clips: Sequence[Clip],
    sound: Audio | Path | str | None = None,
    config: VideoConfig = VIDEO,
    *,
    beats: Float[np.ndarray, " B"] | None = None,
) -> None:
    """Render dancers side by side, from their first frame to their last, with their music.

    Moment 0 of the clips is moment 0 of the sound. Sound beyond the longest clip is cut;
    where it ends earlier there is silence. The waveform marks the beats, in seconds. The file is written atomically.

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
    scene = Scene(bodies, config, sound=levels, beats=beats, coding=YUV420)
    count = max(1, int(np.ceil(seconds * config.fps - 1e-6)))
    moments = (frame / config.fps for frame in range(count))
    frames = progress(moments, label="video", total=count, unit="frame")
    encode(path, map(scene.picture, frames), None if sound is None else soundtrack(sound, length), config)


def encode(
    path: Path | str,
    pictures: Iterable[Canvas],
    sound: Iterable[Float32[np.ndarray, "N 2"]] | None,
    config: VideoConfig,
) -> None:
    """Encode pictures of ``config``'s size and rate, and pieces of stereo at ``AUDIO_RATE``, into an MP4 file.

    The pictures are in the coding ``YUV420``.
    """
    with atomic_path(path) as temporary, av.open(str(temporary), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=Fraction(config.fps).limit_denominator(100_000))
        video.width, video.height, video.pix_fmt = config.width, config.height, "yuv420p"
        # Movement that is refined less (subq) costs a tenth of the size and saves a third of the time.
        video.options = {"crf": str(config.quality), "preset": "veryfast", "subq": "1"}
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709, as players expect of HD
        context.color_range = 1
        context.thread_type, context.thread_count = "FRAME", ENCODING_THREADS
        sounding = None if sound is None else _Sounding(container, sound)
        for index, picture in enumerate(pictures):
            container.mux(video.encode(_video_frame(picture, index)))
            if sounding is not None:
                sounding.play_until((index + 1) / config.fps)
        container.mux(video.encode(None))
        if sounding is not None:
            sounding.play_until(np.inf)


class _Sounding:
    """Encodes sound piece by piece, so that pictures and sound lie side by side in the file."""

    def __init__(self, container: OutputContainer, sound: Iterable[Float32[np.ndarray, "N 2"]]) -> None:
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


def _video_frame(picture: Canvas, index: int) -> av.VideoFrame:
    width, height = picture.size
    frame = av.VideoFrame.from_ndarray(picture.data.reshape(height * 3 // 2, width), format="yuv420p")
    frame.pts = index
    return frame
