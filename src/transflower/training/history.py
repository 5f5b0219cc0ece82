"""Figures over time: ``metrics.jsonl``, one JSON object a line, and TensorBoard."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from lightning.pytorch.loggers import TensorBoardLogger

from transflower.core.files import write_text


class History:
    """Writes figures to both. A step's figures are means since the entry before."""

    def __init__(self, path: Path, board: TensorBoardLogger) -> None:
        self._path = path
        self._board = board

    def rewind(self, step: int) -> None:
        """Forget what was written after ``step``: it will happen again."""
        if not self._path.exists():
            return
        lines = self._path.read_text(encoding="utf-8").splitlines()
        write_text(self._path, "".join(f"{line}\n" for line in lines if _step(line) <= step))

    def write(self, figures: Mapping[str, float], *, step: int, seconds: float) -> None:
        """Note figures after ``step`` steps."""
        # JSON knows no NaN: what is not a number is null.
        finite = {name: value if math.isfinite(value) else None for name, value in figures.items()}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "minutes": round(seconds / 60, 4), **finite}) + "\n")
        self._board.log_metrics(dict(figures), step)


def _step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf  # Cut off when the machine failed.
