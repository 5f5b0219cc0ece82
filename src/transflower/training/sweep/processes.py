"""A sweep by several processes of this machine; one that is killed is replaced."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

from transflower.core.options.tree import Tree
from transflower.core.workers import WorkerError
from transflower.training.sweep.plan import SweepPlan
from transflower.training.sweep.study import most_deaths
from transflower.training.sweep.work import work

_LOOK_SECONDS = 1.0


def work_in_processes(base: Tree, plan: SweepPlan, out: Path, jobs: int) -> None:
    """Train trials by ``jobs`` processes, until none is left, or until this process is asked to stop.

    Raises:
        WorkerError: processes died, by a fault or too often.
    """
    # Spawned: a fork of a process with threads of torch can hang.
    context = multiprocessing.get_context("spawn")
    arguments = (base, plan, out, max(1, (os.cpu_count() or 1) // jobs), os.getpid())

    def start() -> BaseProcess:
        process = context.Process(target=_work_apart, args=arguments)
        process.start()
        return process

    processes, spare, dead = [start() for _ in range(jobs)], most_deaths(plan), 0
    try:
        while processes:
            wait([process.sentinel for process in processes])
            for ended in [process for process in processes if not process.is_alive()]:
                processes.remove(ended)
                # Below 0: a signal has ended it, for instance for want of memory.
                if (ended.exitcode or 0) < 0 and spare:
                    spare -= 1
                    processes.append(start())
                else:
                    dead += bool(ended.exitcode)
    except KeyboardInterrupt:
        for process in processes:
            process.terminate()  # Each saves its run, and ends.
        for process in processes:
            process.join()
        raise
    if dead:
        raise WorkerError(f"{dead} of {jobs} processes of the sweep died; the same command goes on")


def _work_apart(base: Tree, plan: SweepPlan, out: Path, threads: int, parent: int) -> None:
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # Ctrl-C goes to the process that waits, which ends all others once.
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    torch.set_num_threads(threads)
    work(base, plan, out)


def _end_with(parent: int) -> None:
    """Save and stop where the process that this one works for is no longer there."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
