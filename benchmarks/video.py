"""Videos: 720p, 1080p and 9:16, by a process for each core. Floor: encoding pictures that are there, by as many.

Of each there are the seconds that passed, and those that would have passed if nothing else had kept the cores busy, and
all had worked all the time: processor time of all processes, by the number of cores.
"""

import os
import tempfile
import time
from pathlib import Path

import psutil

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
    rows, cores = [], os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        for name, (width, height) in SIZES.items():
            config = VideoConfig(width=width, height=height)
            start, busy = time.perf_counter(), _processor_seconds()
            write_video(Path(folder, "dance.mp4"), [clip], recording.song.audio, config)
            taken, busy = time.perf_counter() - start, _processor_seconds() - busy
            floor = _encoding(clip, config) / cores
            rows.append(Row(name=name, seconds=taken / seconds, floor=floor))
            rows.append(Row(name=f"{name}, quiet cores", seconds=busy / cores / seconds, floor=floor))
    return table(f"video: {seconds:g} s at 30 pictures/s on {cores} cores, one second of it", rows)


def _processor_seconds() -> float:
    """Processor time that this process and those that work for it have used; they live on after the work."""
    own = psutil.Process()
    return float(sum(sum(process.cpu_times()[:2]) for process in (own, *own.children(recursive=True))))


def _encoding(clip: Clip, config: VideoConfig) -> float:
    """Seconds of one core to encode one second of video."""
    scene = Scene([build_body(clip)], config, coding=YUV420)
    pictures: list[Canvas] = [scene.picture(frame / config.fps) for frame in range(_ENCODED)]
    start = time.process_time()
    encode_segment(pictures, config)
    return (time.process_time() - start) * config.fps / _ENCODED
