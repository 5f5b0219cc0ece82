"""Reading BVH: ours beside bvhio, which parses and does not convert. Floor: numpy reading the numbers alone."""

import io
import tempfile
from pathlib import Path

import bvhio
import numpy as np

from benchmarks.timing import Row, best_seconds, table
from transflower.formats.bvh import read_bvh, write_bvh
from transflower.synthetic.recording import make_recording


def run(*, seconds: float = 60.0, budget: float = 3.0) -> str:
    """Measure with a synthetic dance of so many seconds."""
    clip = make_recording(0, 0, seconds=seconds).clip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "dance.bvh")
        write_bvh(path, clip)
        text = path.read_text()
        numbers = text.split("Frame Time:")[1].split("\n", 1)[1]
        floor = best_seconds(lambda: np.loadtxt(io.StringIO(numbers)), budget=budget)
        rows = [
            Row(name="transflower", seconds=best_seconds(lambda: read_bvh(path), budget=budget), floor=floor),
            Row(name="bvhio", seconds=best_seconds(lambda: bvhio.readAsBvh(str(path)), budget=budget), floor=floor),
        ]
    return table(f"reading BVH: files of {clip.num_frames} frames, {len(text) / 1e6:.1f} MB", rows)
