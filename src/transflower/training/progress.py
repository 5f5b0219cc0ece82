"""How training is going: a bar on a terminal, a line now and then in a pipe."""

import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from transflower.training.options import TrainingConfig
from transflower.training.ranks import is_main_process

log = logging.getLogger(__name__)

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
        """Have a bar, where there is a terminal, while training lasts."""
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
        # Its own remaining time knows nothing of the limits.
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
