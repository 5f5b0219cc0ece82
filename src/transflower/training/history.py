"""Metrics over time: ``metrics.jsonl``, one JSON object a line, and TensorBoard."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from transflower.core.files import check_file, write_text
from transflower.core.storage import writing
from transflower.training.board import Board


class History:
    """Writes metrics to both. A step's metrics are means since the entry before."""

    def __init__(self, path: Path, board: Board) -> None:
        self._path = path
        self._board = board

    def rewind(self, step: int) -> None:
        """Forget what was written after ``step``: it will happen again."""
        if not self._path.exists():
            return
        check_file(self._path)
        lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        write_text(self._path, "".join(f"{line}\n" for line in lines if _step(line) <= step))

    def write(self, metrics: Mapping[str, float], *, step: int, seconds: float) -> None:
        """Note metrics after ``step`` steps."""
        # JSON knows no NaN: what is not a number is null.
        finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        # Someone may have removed the folder.
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with writing(self._path, self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "minutes": round(seconds / 60, 4), **finite}) + "\n")
        self._board.write(metrics, step=step)


def _step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return math.inf  # Cut off when the machine failed, or not ours.
