"""Random windows read from a folder, beside what presets learn from in as much time.

The folder holds 1,000 sequences of three minutes, all but a second of each a hole in the file. So it measures our part,
and not the disk.
"""

import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.models import DIMS, make_preset
from benchmarks.timing import best_seconds
from benchmarks.training import make_step
from transflower.data.loader import WindowLoader
from transflower.data.options import DataConfig
from transflower.data.training_data import open_training_data

PRESETS = ("live-tiny", "live-paper", "transflower")
_FRAMES = 5400
_ROWS = 2
"""Windows of the batch whose training is timed."""


def run(*, presets: Sequence[str] = PRESETS, sequences: int = 1000, seconds: float = 3.0) -> str:
    """Measure presets: windows read in a second, and learnt from."""
    lines = ["random windows read by one process, beside those that a preset learns from on one thread"]
    with tempfile.TemporaryDirectory() as folder:
        write_holes(Path(folder), sequences)
        for name in presets:
            read, learnt = _measure(name, Path(folder), seconds)
            lines.append(f"  {name:12}  {read:8.0f} read/s  {learnt:8.2f} learnt/s  {read / learnt:8.0f}x")
    return "\n".join(lines)


def write_holes(folder: Path, sequences: int, *, frames: int = _FRAMES) -> None:
    """Sequences of which the first second holds numbers, and the rest takes no space."""
    rng = np.random.default_rng(0)
    ids = [f"take{number:05d}" for number in range(sequences)]
    for name, dim in DIMS.items():
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (frames, dim)})
        for one in ids:
            with (folder / f"{one}.{name}.npy").open("wb") as file:
                file.write(head.getvalue())
                file.write(rng.standard_normal((30, dim), np.float32).tobytes())
                file.truncate(head.tell() + 4 * frames * dim)
        (folder / f"{name}.json").write_text('{"fps": 30}')
    held_out = max(1, sequences // 20)
    (folder / "base_filenames_train.txt").write_text("\n".join(ids[held_out:]))
    (folder / "base_filenames_val.txt").write_text("\n".join(ids[:held_out]))


def _measure(name: str, folder: Path, seconds: float) -> tuple[float, float]:
    model, config = make_preset(name)
    data = open_training_data(
        DataConfig(folder=folder),
        inputs=model.config.spans,
        outputs=model.config.target_spans,
        positions=config.positions,
    )
    loader = WindowLoader(data.train, batch_size=config.batch_size, stride=data.stride, training=True)
    batches, count = iter(loader), 0
    next(batches)
    start = time.perf_counter()
    for _ in batches:
        count += config.batch_size
        if time.perf_counter() - start > seconds:
            break
    read = count / (time.perf_counter() - start)
    rows = min(_ROWS, config.batch_size)
    return read, rows / best_seconds(make_step(model, config, rows=rows), budget=0.0)
