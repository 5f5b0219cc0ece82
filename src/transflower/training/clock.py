"""Time and throughput of a run, over all its sessions."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


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
