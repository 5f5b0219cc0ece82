import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import psutil
import pytest

from transflower.core import workers
from transflower.core.errors import DataError
from transflower.core.files import atomic_path, remove_leftovers
from transflower.core.workers import WorkerError, map_parallel


def work(item: str) -> str:
    """What the item says."""
    if item == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "leaves":
        os._exit(3)
    if item == "bad":
        raise DataError("has no legs")
    return item.upper()


def write_slowly(path: Path) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text("half")
        time.sleep(60)


def test_a_process_that_dies_costs_its_item_alone():
    items = ["a", "segfault", "b", "killed", "c", "leaves", "d"]
    results = list(map_parallel(work, items, jobs=2, instead=lambda item, error: f"{item}: {error}"))
    assert results[::2] == ["A", "B", "C", "D"]
    assert "segfault: the process that worked on it died by SIGSEGV" in results[1]
    assert "killed, perhaps for want of memory" in results[3]
    assert "died with code 3" in results[5]


def test_exceptions_are_raised_and_a_death_is_one_if_nobody_asks_otherwise():
    with pytest.raises(DataError, match="has no legs"):
        list(map_parallel(work, ["bad", "a"], jobs=2))
    with pytest.raises(WorkerError, match="SIGSEGV"):
        list(map_parallel(work, ["segfault", "a"], jobs=2))


def test_processes_have_one_thread_or_as_many_as_the_user_says(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    for with_threads, count in ((False, "1"), (True, "3")):
        found = map_parallel(os.getenv, ["OMP_NUM_THREADS"] * 2, jobs=2, with_threads=with_threads)
        assert list(found) == [count] * 2


class Shared:
    """Says which process read it, and how often it was asked there."""

    def __init__(self) -> None:
        self.content, self.asked = np.zeros(2**18), 0

    def __call__(self, item: int) -> tuple[int, int]:
        self.asked += 1
        return os.getpid(), self.asked


def test_what_all_items_share_is_read_once_by_each_process_and_anew_for_each_call():
    shared = Shared()
    for _ in range(2):
        found = list(map_parallel(shared, range(6), jobs=2))
        assert shared.asked == 0
        for process in {process for process, _ in found}:
            assert sorted(asked for one, asked in found if one == process) == [
                *range(1, 1 + sum(one == process for one, _ in found))
            ]


def test_on_one_core_our_process_does_the_work_and_lives(monkeypatch):
    ended = []
    monkeypatch.setattr(workers, "_end_with", ended.append)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 1)
    assert list(map_parallel(work, ["a", "b"], jobs=-1)) == ["A", "B"]
    assert not ended


def test_work_goes_to_the_backend_that_the_caller_has_chosen():
    with joblib.parallel_config(backend="threading", n_jobs=2):
        # Threads are in this process, and take what cannot be pickled.
        assert set(map_parallel(lambda item: (os.getpid(), item), [1, 2, 3], jobs=-1)) == {
            (os.getpid(), 1),
            (os.getpid(), 2),
            (os.getpid(), 3),
        }


PARENT = """
import sys
from pathlib import Path
from tests.core.test_workers import write_slowly
from transflower.core.workers import _by_processes
list(_by_processes(write_slowly, [Path(sys.argv[1]) / name for name in sys.argv[2]], jobs=2))
"""


def wait_until(is_true, seconds=20):
    end = time.monotonic() + seconds
    while not is_true() and time.monotonic() < end:
        time.sleep(0.05)
    return is_true()


@pytest.mark.parametrize(
    ("number", "items"), [(signal.SIGKILL, "ab"), (signal.SIGINT, "ab"), (signal.SIGKILL, "a")], ids=str
)
def test_workers_end_with_the_process_that_they_work_for_and_leave_nothing(tmp_path, number, items):
    """Also one that has had no work."""
    path = os.pathsep.join([str(Path.cwd()), *sys.path])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), items],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert wait_until(lambda: len(list(tmp_path.iterdir())) == len(items))
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) >= 2
    parent.send_signal(number)
    parent.wait(60)
    assert not psutil.wait_procs(workers, timeout=10)[1]
    remove_leftovers(tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_process_does_the_work_where_others_cannot_be_told_of_it(monkeypatch, caplog):
    def refuse(context):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(multiprocessing.get_context("spawn").__class__, "Lock", refuse)
    assert list(map_parallel(os.path.basename, ["a/b", "c/d"], jobs=2)) == ["b", "d"]
    assert "one process does all the work" in caplog.text
