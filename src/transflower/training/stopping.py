"""Ctrl-C, and being asked to terminate."""

import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
