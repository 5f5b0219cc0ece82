"""Videos: 720p, 1080p and 9:16, by a process for each core. Floor: encoding pictures that are there, by as many."""

import os
import tempfile
import time
from pathlib import Path

from benchmarks.timing import Row, table
from transflower.motion.clip import Clip
from transflower.render.body import build_body
from transflower.render.canvas import YUV420, Canvas
from transflower.render.options import VideoConfig
from transflower.render.scene import Scene
from transflower.render.segments import encode_segment
from transflower.render.video import write_video
from transflower.synthetic.recording import make_recording

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "9:16": (1080, 1920)}
_SHORTEST = 8.0
"""Seconds of a song with a phrase."""
_ENCODED = 60
"""Pictures of the floor's measurement, which are drawn before."""


def run(*, seconds: float = 30.0) -> str:
    """Measure with a synthetic dance of so many seconds; a row counts one second of video."""
    recording = make_recording(0, 0, seconds=max(seconds, _SHORTEST))
    clip = recording.clip[: max(1, round(seconds * recording.clip.fps))]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (width, height) in SIZES.items():
            config = VideoConfig(width=width, height=height)
            start = time.perf_counter()
            write_video(Path(folder, "dance.mp4"), [clip], recording.song.audio, config)
            taken = (time.perf_counter() - start) / seconds
            floor = _encoding(clip, config) / (os.cpu_count() or 1)
            rows.append(Row(name=name, seconds=taken, floor=floor))
    return table(f"video: {seconds:g} s at 30 pictures/s on {os.cpu_count()} cores, one second of it", rows)


def _encoding(clip: Clip, config: VideoConfig) -> float:
    """Seconds of one core to encode one second of video."""
    scene = Scene([build_body(clip)], config, coding=YUV420)
    pictures: list[Canvas] = [scene.picture(frame / config.fps) for frame in range(_ENCODED)]
    start = time.process_time()
    encode_segment(pictures, config)
    return (time.process_time() - start) * config.fps / _ENCODED
