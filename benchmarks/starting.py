"""How long a training takes to its first step with 20,000 sequences: the first time, and when the folder is known.

The folder holds 1,000 hours, all but a second of each sequence a hole in the file: the first start looks at 62 GB, as
no disk delivers them. Each start is a process of its own, and ends with the first step. Before that, it has validated.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any
from unittest.mock import patch

from benchmarks.holes import write_holes

STAGES = ("imports", "recordings", "first step")
_ROOT = Path(__file__).parents[1]


def run(*, sequences: int = 20_000, starts: int = 4) -> str:
    """Measure starts one after the other; what the first one has measured of the arrays is kept for the others."""
    lines = [f"a training over {sequences} sequences starts; seconds of processor time (on the clock)"]
    with tempfile.TemporaryDirectory() as place:
        data = Path(place, "data")
        data.mkdir()
        write_holes(data, sequences)
        for number in range(starts):
            command = [sys.executable, "-m", "benchmarks.starting", str(data), f"{place}/{number}", str(time.time())]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
            lines.append(f"  start {number + 1}: {_told(json.loads(done.stdout.splitlines()[-1]))}")
    return "\n".join(lines)


def start(folder: Path, out: Path, began: float) -> None:
    """Train in ``folder`` to the end of the first step, print what each stage took and leave the process."""
    from transflower.cli import main
    from transflower.training import run as training
    from transflower.training.callback import TrainingCallback

    open_data, marks = training.open_data, []

    def mark() -> None:
        marks.append((time.process_time(), time.time() - began, getrusage(RUSAGE_SELF).ru_maxrss / 1024))

    def opened(*arguments: Any) -> Any:
        mark()
        data = open_data(*arguments)
        mark()
        return data

    def leave(*_: object) -> None:
        mark()
        print(json.dumps(dict(zip(STAGES, marks, strict=True))), flush=True)
        os._exit(0)

    options = ["--data.folder", str(folder), "--out", str(out), "--training.max_steps", "1"]
    with patch.object(training, "open_data", opened), patch.object(TrainingCallback, "on_train_batch_end", leave):
        main(["train", "live-tiny", *options])


def _told(marks: dict[str, tuple[float, float, float]]) -> str:
    parts, last = [], (0.0, 0.0)
    for name, (processor, clock, _) in marks.items():
        parts.append(f"{name} {processor - last[0]:.1f} ({clock - last[1]:.1f})")
        last = processor, clock
    return f"{', '.join(parts)}; all {last[0]:.1f} ({last[1]:.1f}); {marks['recordings'][2]:.0f} MB when opened"


if __name__ == "__main__":
    start(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
