"""One function of many items by several processes. One that dies loses its item alone; none outlives its parent."""

import faulthandler
import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from transflower.core.errors import TransflowerError

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

_LOOK_SECONDS = 0.25
"""Between two looks at whether the process that a worker works for is still there."""


class WorkerError(TransflowerError):
    """A process died, and with it what it was working on."""


def map_parallel(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    jobs: int,
    instead: Callable[[Item, WorkerError], Result] | None = None,
    with_threads: bool = False,
) -> Iterator[Result]:
    """``function`` of each item, in order, by ``jobs`` processes of one thread (-1: one for each core).

    ``function``, items and results must be picklable. Exceptions of ``function`` are raised here. Inside of
    ``joblib.parallel_config`` with another back-end, such as that of Dask or Ray, it distributes the work instead.

    Args:
        function: what to do.
        items: with what.
        jobs: processes; 1 is this one.
        instead: what to give for an item whose process died.
        with_threads: whether processes have more threads where there are fewer of them than cores.

    Raises:
        WorkerError: a process died, and there is no ``instead``.
    """
    if (backend := _chosen_backend()) is not None:
        yield from _by_backend(function, items, backend)
        return
    if jobs == 1 or len(items) <= 1 or not has_semaphores():
        yield from map(function, items)
        return
    from joblib.externals.loky.process_executor import TerminatedWorkerError  # not at the top: --help must not wait

    left = deque(items)
    while left:
        try:
            for result in _by_processes(function, left, jobs, with_threads=with_threads):
                left.popleft()
                yield result
        except TerminatedWorkerError:
            # Any of the items in work may be the cause, so the first of them is tried again alone.
            yield _by_itself(function, left.popleft(), instead)


def has_semaphores() -> bool:
    """Whether processes can wait for each other: where shared memory is missing, full or closed to us, they cannot."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except OSError as error:
        log.warning("one process does all the work: others cannot be told of it (%s)", error.strerror)
        return False
    return True


def _chosen_backend() -> Any | None:
    """The back-end of joblib that the caller has chosen, if it is another than processes of this machine."""
    if "joblib" not in sys.modules:
        return None
    from joblib.parallel import BACKENDS, get_active_backend

    backend, _ = get_active_backend()
    return None if isinstance(backend, BACKENDS["loky"]) else backend


def _by_backend(function: Callable[[Item], Result], items: Sequence[Item], backend: Any) -> Iterator[Result]:
    from joblib import Parallel, delayed

    order = "generator" if backend.supports_return_generator else "list"
    yield from Parallel(return_as=order)(delayed(function)(item) for item in items)


def _by_processes(
    function: Callable[[Item], Result], items: Collection[Item], jobs: int, *, with_threads: bool = False
) -> Iterator[Result]:
    from joblib import Parallel, cpu_count, delayed, parallel_config

    sent = _Sent.of(function)
    processes = min(cpu_count() if jobs < 0 else jobs, max(2, len(items)))
    # Where nothing is said, they share the cores, or have as many threads as OMP_NUM_THREADS says.
    threads = None if with_threads else 1
    with parallel_config(backend="loky", inner_max_num_threads=threads, initializer=_end_with, initargs=(os.getpid(),)):
        calls = (delayed(_in_worker)(sent, item) for item in list(items))
        with warnings.catch_warnings():
            # A worker that has grown by much is replaced by a new one, which is no fault.
            warnings.filterwarnings("ignore", message="A worker stopped while some jobs", category=UserWarning)
            yield from Parallel(n_jobs=processes, return_as="generator")(calls)


def _by_itself(
    function: Callable[[Item], Result], item: Item, instead: Callable[[Item, WorkerError], Result] | None
) -> Result:
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        # Of two processes one stays idle; a single one would be ours.
        return next(_by_processes(function, [item], jobs=2))
    except TerminatedWorkerError as error:
        death = WorkerError(_how_it_died(str(error)))
        if instead is None:
            raise death from error
        return instead(item, death)


class _Sent:
    """A function, with all that it holds, as bytes: joblib lays large ones once where all workers read them."""

    def __init__(self, content: "np.ndarray", name: str) -> None:
        self.content, self.name = content, name

    @classmethod
    def of(cls, function: Callable[[Any], Any]) -> "_Sent":
        """To be sent with many items."""
        import numpy as np
        from joblib.externals.loky.backend.reduction import dumps

        return cls(np.frombuffer(dumps(function), np.uint8), uuid4().hex)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sent) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def read(self) -> Callable[[Any], Any]:
        """The function."""
        from joblib.externals.loky.backend.reduction import loads

        return loads(self.content.tobytes())


@lru_cache(maxsize=1)
def _received(sent: _Sent) -> Callable[[Any], Any]:
    """The function of the items of one call: read once by a process, which so keeps what it has found out for it."""
    return sent.read()


def _in_worker(sent: _Sent, item: Any) -> Any:
    return _received(sent)(item)


def _end_with(parent: int) -> None:
    """From now on, end this process when ``parent`` is gone, also after a ``kill -9``, and before it has any work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told to the parent, which ends its workers.
    faulthandler.disable()  # joblib's: how a worker died is told in a sentence, by the parent.

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _how_it_died(message: str) -> str:
    """How a process died, of what joblib says about it."""
    found = re.search(r"(SIG[A-Z]+|EXIT)\((-?\d+)\)", message)
    if found is None:
        return "the process that worked on it died; leave it out, or fix it"
    if found[1] == "SIGKILL":
        return "the process that worked on it was killed, perhaps for want of memory; try fewer --jobs"
    how = f"with code {found[2]}" if found[1] == "EXIT" else f"by {found[1]}"
    return f"the process that worked on it died {how}; leave it out, or fix it"
