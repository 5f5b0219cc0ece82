"""The same function of many items, by several processes. One that dies costs its item alone, and none outlives us.

They are joined to us by pipes and nothing else, so that shared memory, which may be missing or full, is not needed; and
the pipe's end tells a worker that we are gone, even if we were killed.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, Generic, TypeVar

from transflower.core.errors import TransflowerError
from transflower.core.messages import receive, send

Item = TypeVar("Item")
Result = TypeVar("Result")

_SERVE = "from transflower.core.serving import serve; serve()"
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
_PATIENCE_SECONDS = 10
"""For which a worker may tidy up."""


class WorkerError(TransflowerError):
    """A process died, and with it what it was working on."""


def map_parallel(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    jobs: int,
    instead: Callable[[Item, WorkerError], Result] | None = None,
) -> Iterator[Result]:
    """``function`` of each item, in order, by ``jobs`` processes of one thread (-1: one for each core).

    ``function``, items and results must be picklable. Exceptions of ``function`` are raised here.

    Args:
        function: what to do.
        items: with what.
        jobs: processes.
        instead: what to give for an item whose process died.

    Raises:
        WorkerError: a process died, and there is no ``instead``.
    """
    crew = _Crew(function, min(cores() if jobs < 0 else jobs, len(items)))
    try:
        for item, future in [(item, crew.submit(item)) for item in items]:
            try:
                yield future.result()
            except WorkerError as error:
                if instead is None:
                    raise
                yield instead(item, error)
    finally:
        crew.stop()


def cores() -> int:
    """Cores that this process may use."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # Of a container: so many microseconds in each period. The file is missing elsewhere, and "max" is no limit.
    with suppress(OSError, ValueError):
        share, period = map(int, Path("/sys/fs/cgroup/cpu.max").read_text().split())
        there = min(there, max(1, round(share / period)))
    return there


class _Crew(Generic[Item, Result]):
    """Processes, each with a thread here that waits for it."""

    def __init__(self, function: Callable[[Item], Result], count: int) -> None:
        self._function = pickle.dumps(function)
        self._threads = ThreadPoolExecutor(max(1, count))
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._lock, self._workers, self._is_stopped = Lock(), list[_Worker](), False
        for _ in range(max(1, count)):
            self._idle.put(None)

    def submit(self, item: Item) -> "Future[Result]":
        """Have an item worked on when its turn comes."""
        return self._threads.submit(self._ask, item)

    def stop(self) -> None:
        """End all processes, also in the midst of their work."""
        with self._lock:
            self._is_stopped = True
            for worker in self._workers:
                worker.dismiss()
        for worker in self._workers:
            worker.wait()
        self._threads.shutdown(cancel_futures=True)

    def _ask(self, item: Item) -> Result:
        worker = self._idle.get()
        try:
            worker = worker or self._hire()
            result: Result = worker.ask(item)
            return result
        except WorkerError:
            worker = None
            raise
        finally:
            self._idle.put(worker)

    def _hire(self) -> "_Worker":
        with self._lock:
            if self._is_stopped:
                raise WorkerError("stopped")
            worker = _Worker(self._function)
            self._workers.append(worker)
            return worker


class _Worker:
    """A process, and the pipes to it."""

    def __init__(self, function: bytes) -> None:
        path = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
        # In a group of its own: Ctrl-C is told to us, and we tell the workers.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
            process_group=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        with suppress(OSError):  # a worker that is dead already is found out when it is asked
            send(self._to, function)

    def ask(self, item: object) -> Any:
        try:
            send(self._to, pickle.dumps(item))
            answer, error = pickle.loads(receive(self._from))
        except (OSError, EOFError, ValueError) as gone:
            raise WorkerError(self._obituary()) from gone
        if error is not None:
            raise error
        return answer

    def dismiss(self) -> None:
        with suppress(OSError):
            self._to.close()

    def wait(self) -> None:
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._from.close()

    def _obituary(self) -> str:
        self.dismiss()
        self._process.wait()
        code = self._process.returncode
        if code == -signal.SIGKILL:
            return "the process that worked on it was killed, perhaps for want of memory; try fewer --jobs"
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
        return f"the process that worked on it died {how}; leave it out, or mend it"
