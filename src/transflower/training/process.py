"""The process that trains: its rank, the signals that stop it, its time, and what Lightning may log."""

import logging
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOGGERS = ("lightning.pytorch", "lightning.fabric")
_VARIABLES = ("RANK", "LOCAL_RANK", "SLURM_PROCID")


def is_main_process() -> bool:
    """Whether this process writes files and logs."""
    return next((os.environ[name] for name in _VARIABLES if name in os.environ), "0") == "0"


def hush_other_processes() -> None:
    """Silence the other processes: only the main one logs."""
    if not is_main_process():
        logging.getLogger("transflower").setLevel(logging.ERROR)


class StopNow(BaseException):
    """Stop without saving. No KeyboardInterrupt: Lightning would turn that into exit code 1."""


class StopRequest:
    """Whether training was asked to stop after the step at hand; asked twice, it stops at once."""

    def __init__(self) -> None:
        self.is_made = False
        self._before = {one: signal.getsignal(one) for one in _SIGNALS}

    def __enter__(self) -> "StopRequest":
        self.listen()
        return self

    def __exit__(self, *exception: object) -> None:
        if threading.current_thread() is threading.main_thread():
            for one, handler in self._before.items():
                signal.signal(one, handler)

    def listen(self) -> None:
        """Take the signals, also back from Lightning, which takes SIGTERM for itself and stops without saving."""
        if threading.current_thread() is threading.main_thread():
            for one in _SIGNALS:
                signal.signal(one, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.is_made:
            raise StopNow
        self.is_made = True


class Clock:
    """Counts the seconds of the run, those of them spent in training steps, and the frames that were supervised."""

    def __init__(self) -> None:
        self.frames = 0
        self._before = 0.0
        self._pauses = 0.0
        self._started: float | None = None

    def start(self) -> None:
        """Begin this session."""
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Of the whole run."""
        return self._before + (0.0 if self._started is None else time.monotonic() - self._started)

    @property
    def frames_per_second(self) -> float:
        """Frames supervised in a second of training."""
        return self.frames / max(self.seconds - self._pauses, 1e-9)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Time that belongs to the run, but is not training: validating, saving."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._pauses += time.monotonic() - start

    def state_dict(self) -> dict[str, float]:
        """What the next session continues from."""
        return {"seconds": self.seconds, "pauses": self._pauses, "frames": self.frames}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Continue."""
        self._before, self._pauses, self.frames = state["seconds"], state["pauses"], int(state["frames"])


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Silence Lightning's tips, and its warnings about unused devices and fast loaders."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\.")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
