"""What a worker process does: it answers items until the pipe ends, and then stops, whatever it is doing."""

import _thread
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from transflower.core.messages import receive, send

_PATIENCE_SECONDS = 5
"""For which a call into a library may go on before the process ends in the midst of it."""


def serve() -> None:
    """Read a function and then items from standard input; write what it gives to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ours to hear of from the process that we work for
    signal.signal(signal.SIGTERM, _stop)
    questions = open(os.dup(0), "rb", buffering=0)  # noqa: PTH123, SIM115 - no path, and open to the end
    answers = open(os.dup(1), "wb")  # noqa: PTH123, SIM115
    os.dup2(2, 1)  # What libraries print is no answer.
    heard: SimpleQueue[bytes | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(questions, heard), daemon=True).start()
    try:
        function = pickle.loads(heard.get() or b"")
        while (message := heard.get()) is not None:
            send(answers, _answer(function, message))
    except (SystemExit, EOFError, OSError):
        pass
    finally:
        os._exit(0)  # at once: the other thread waits for what will not come


def _listen(questions: Any, heard: "SimpleQueue[bytes | None]") -> None:
    try:
        while True:
            heard.put(receive(questions))
    except (EOFError, OSError):
        heard.put(None)
        _interrupt()
        time.sleep(_PATIENCE_SECONDS)
        os._exit(1)


def _interrupt() -> None:
    """Stop the main thread in whatever it does, also if it waits."""
    number = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and number is not None:
        signal.pthread_kill(number, signal.SIGTERM)
    else:
        _thread.interrupt_main(signal.SIGTERM)


def _answer(function: Callable[[Any], Any], message: bytes) -> bytes:
    try:
        return pickle.dumps((function(pickle.loads(message)), None))
    except Exception as error:
        error.add_note("in a worker process:\n" + traceback.format_exc())
        try:
            return pickle.dumps((None, pickle.loads(pickle.dumps(error))))
        except Exception:  # not every exception can be sent
            return pickle.dumps((None, RuntimeError(traceback.format_exc())))


def _stop(number: int, frame: object) -> None:
    raise SystemExit
