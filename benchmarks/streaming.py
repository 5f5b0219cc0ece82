"""Random windows read from a folder, beside what presets learn from in as much time.

The folder holds 1,000 sequences of three minutes, all but a second of each a hole in the file. So it measures our part,
and not the disk.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.holes import write_holes
from benchmarks.models import make_preset
from benchmarks.timing import best_seconds
from benchmarks.training import make_step
from transflower.data.loader import WindowLoader
from transflower.data.options import DataConfig
from transflower.data.training_data import open_training_data

PRESETS = ("live-tiny", "live-paper", "transflower")
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
