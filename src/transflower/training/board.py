"""Curves for TensorBoard. Its own writer has a thread, which dies with a traceback where the disk is full."""

import io
import logging
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]

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
        """Note metrics after ``step`` steps. Curves are worth no lost run: what cannot be written is left out."""
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
