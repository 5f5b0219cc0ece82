"""Logs of a run: ``metrics.jsonl``, curves for TensorBoard, and progress on the terminal."""

import io
import json
import logging
import math
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]
from torch import Tensor
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from transflower.core.files import check_file, write_text
from transflower.core.storage import writing
from transflower.training.options import TrainingConfig
from transflower.training.process import is_main_process

log = logging.getLogger(__name__)


class Board:
    """Appends metrics to a file of events, which appears with the first of them."""

    def __init__(self, folder: Path, *, purge_step: int | None = None) -> None:
        """Prepare.

        Args:
            folder: where TensorBoard looks.
            purge_step: points of earlier files from this step on are forgotten.
        """
        self._path = folder / f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}"
        self._purge_step = purge_step
        self._is_warned = False

    def write(self, metrics: Mapping[str, float], *, step: int) -> None:
        """Write metrics after ``step`` steps. A run does not end for a curve: what cannot be written is left out."""
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        events = [Event(wall_time=time.time(), step=step, summary=Summary(value=values))]
        try:
            # Opened each time: someone who removes the folder of a run gets new curves in a new one.
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                events = [*self._opening(), *events]
            with self._path.open("ab", buffering=0) as file:
                file.write(b"".join(map(_record, events)))
        except OSError as error:
            if not self._is_warned:
                log.warning("%s: curves cannot be written (%s)", self._path.parent, error.strerror)
            self._is_warned = True

    def _opening(self) -> list[Event]:
        events = [Event(wall_time=time.time(), file_version="brain.Event:2")]
        if self._purge_step is not None:
            session = SessionLog(status=SessionLog.START)
            events.append(Event(wall_time=time.time(), step=self._purge_step, session_log=session))
        return events


def _record(event: Event) -> bytes:
    content = io.BytesIO()
    RecordWriter(content).write(event.SerializeToString())
    return content.getvalue()


class History:
    """Writes metrics to both. A step's metrics are means since the entry before."""

    def __init__(self, path: Path, board: Board) -> None:
        self._path = path
        self._board = board

    def rewind(self, step: int) -> None:
        """Remove what was written after ``step``: the run continues from there, and writes it again."""
        if not self._path.exists():
            return
        check_file(self._path)
        lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        write_text(self._path, "".join(f"{line}\n" for line in lines if _step(line) <= step))

    def write(self, metrics: Mapping[str, float], *, step: int, seconds: float) -> None:
        """Write metrics after ``step`` steps."""
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


_BAR_EVERY_SECONDS = 0.3
_LINE_EVERY_SECONDS = 30.0


class Progress:
    """Shows loss, nats per dimension, throughput and remaining time of this session."""

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config
        self._bar: tqdm | None = None
        self._every = self._due = 0.0
        self._first: tuple[int, float] | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show a bar, where there is a terminal, while training lasts."""
        is_terminal = sys.stderr.isatty() and is_main_process()
        self._every = _BAR_EVERY_SECONDS if is_terminal else _LINE_EVERY_SECONDS
        self._due = time.monotonic() + self._every
        if not is_terminal:
            yield
            return
        self._bar = tqdm(total=1000, bar_format="training |{bar}|", leave=False, dynamic_ncols=True)
        with self._bar, logging_redirect_tqdm([logging.getLogger("transflower")]):
            yield

    def is_due(self) -> bool:
        """Whether it is time to show something new."""
        return time.monotonic() >= self._due

    def show(self, step: int, seconds: float, metrics: Mapping[str, float], frames_per_second: float) -> None:
        """Show the state after ``step`` steps and ``seconds`` of the run."""
        self._due = time.monotonic() + self._every
        of = f" of {self._config.max_steps}" if self._config.max_steps else ""
        text = f"{_metrics(metrics)}{frames_per_second:.0f} frames/s"
        self._first = self._first or (step, seconds)
        left = self._seconds_left(step, seconds, *self._first)
        text += f", {timedelta(seconds=round(left))} left" if left is not None else ""
        if self._bar is None:
            log.info("step %d%s: %s", step, of, text)
            return
        # The bar's own remaining time does not know the limits.
        self._bar.bar_format = f"step {step}{of} |{{bar}}| {text}"
        self._bar.n = round(1000 * min(1.0, self._config.progress(step, seconds)))
        self._bar.refresh()

    def _seconds_left(self, step: int, seconds: float, first_step: int, first_seconds: float) -> float | None:
        left = []
        if self._config.max_minutes is not None:
            left.append(60 * self._config.max_minutes - seconds)
        if self._config.max_steps is not None and step > first_step:
            seconds_per_step = (seconds - first_seconds) / (step - first_step)
            left.append((self._config.max_steps - step) * seconds_per_step)
        return max(0.0, min(left)) if left else None


def _metrics(metrics: Mapping[str, float]) -> str:
    text = f"loss {metrics['loss']:.3f}, " if "loss" in metrics else ""
    return text + (f"nats/dim {metrics['nll']:.3f}, " if "nll" in metrics else "")


class RunningMeans:
    """Adds up metrics until they are taken; they are read off the device only then."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: Counter[str] = Counter()

    def add(self, metrics: Mapping[str, Tensor]) -> None:
        """Add some metrics."""
        for name, value in metrics.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._counts.update(metrics.keys())

    def means(self) -> dict[str, float]:
        """Means since the last time they were taken."""
        return {name: float(value) / self._counts[name] for name, value in self._sums.items()}

    def take(self) -> dict[str, float]:
        """The means; start anew."""
        means = self.means()
        self._sums, self._counts = {}, Counter()
        return means
