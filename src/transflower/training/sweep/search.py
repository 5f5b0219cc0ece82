"""Running the trials of a sweep: one after the other, or in several processes."""

import gc
import logging
import math
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.files import check_folder
from transflower.core.options import encode
from transflower.core.options.tree import Tree
from transflower.core.workers import WorkerError
from transflower.training.options import Experiment
from transflower.training.run import Result, train
from transflower.training.sweep.pages import write_pages
from transflower.training.sweep.plan import SweepPlan
from transflower.training.sweep.study import Trial, TrialStore

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_PAGES_SECONDS = 60.0
"""Between two writings of the table and the page of a sweep that goes on."""


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """Where a sweep stands."""

    folder: Path
    trials: list[Trial]
    best: Trial | None
    """None where no trial has a value yet."""
    is_finished: bool
    """Whether all trials are over; otherwise the same call goes on."""
    files: list[Path]
    """Table, page and the best options."""


def sweep(experiment: Experiment, plan: SweepPlan, out: Path, *, jobs: int = 1) -> SweepResult:
    """Train the trials of ``plan``, variants of ``experiment``, into folders below ``out``; go on if it holds some.

    A trial that was stopped is continued from its run folder, to the bit. Processes of other machines may work at the
    same folder at the same time, where their file system is shared and knows locks.

    Raises:
        OptionsError: Optuna is missing, a value cannot be, or the folder is of another sweep.
        TransflowerError: every trial failed, for the reason of the last.
    """
    if experiment.training.devices * experiment.training.nodes > 1:
        raise OptionsError("a sweep trains each trial on one device; give training.devices 1, and more --sweep_jobs")
    base = encode(experiment)
    plan.check(base)
    check_folder(out)
    store = TrialStore(out, plan, base)
    if jobs == 1:
        work(base, plan, out)
    else:
        _work_in_processes(base, plan, out, jobs)
    trials, best = store.trials, store.best
    is_over = len(trials) >= plan.limits.trials and all(one.state in {"complete", "failed"} for one in trials)
    if is_over and best is None:
        raise TransflowerError(f"every trial failed; the last one: {trials[-1].error}")
    return SweepResult(
        folder=out, trials=trials, best=best, is_finished=is_over, files=write_pages(out, plan, base, store)
    )


def work(base: Tree, plan: SweepPlan, out: Path) -> None:
    """Train trials until none is left, or until this process is asked to stop."""
    store, due = TrialStore(out, plan, base), time.monotonic() + _PAGES_SECONDS
    while True:
        with store.next() as trial:
            if trial is None or not _train(trial, base, plan, store):
                return
        if time.monotonic() >= due:
            write_pages(out, plan, base, store)
            due = time.monotonic() + _PAGES_SECONDS


def _train(trial: Trial, base: Tree, plan: SweepPlan, store: TrialStore) -> bool:
    """Train one trial, and tell what came of it; whether it was not stopped."""
    log.info("trial %d: %s", trial.number, ", ".join(f"{name} {value}" for name, value in trial.params.items()))
    result, reason = None, ""
    try:
        result = train(plan.experiment(base, trial.params), trial.folder)
    except Exception as error:
        reason = str(error) or type(error).__name__
        # Told in any case: a trial that breaks its process would be the first that the next process takes.
        store.tell(trial, math.nan, reason)
        if not isinstance(error, TransflowerError) and not _is_out_of_memory(error):
            raise
    if result is None:
        log.warning("trial %d failed: %s", trial.number, reason)
        _free_memory()
        return True
    if not result.is_finished:
        return False
    value = value_of(result, plan.limits.metric)
    store.tell(trial, value, "" if math.isfinite(value) else "its metric is no finite number")
    return True


def value_of(result: Result, metric: str) -> float:
    """The metric of the best model of a run; NaN where it has none."""
    short = {"likelihood": "nll", "rollout": "rollout/movement_distance"}
    found = result.best
    name = ("nll" if "nll" in found else "loss") if metric == "auto" else short.get(metric, metric.removeprefix("val/"))
    return found.get(name, math.nan)


def _is_out_of_memory(error: Exception) -> bool:
    # On a CPU, torch raises a RuntimeError of its allocator.
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and ("allocate memory" in str(error) or "out of memory" in str(error))
    )


def _free_memory() -> None:
    gc.collect()  # The model is in cycles with its trainer.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _work_in_processes(base: Tree, plan: SweepPlan, out: Path, jobs: int) -> None:
    # Spawned: a fork of a process with threads of torch can hang.
    context = multiprocessing.get_context("spawn")
    arguments = (base, plan, out, max(1, (os.cpu_count() or 1) // jobs), os.getpid())
    processes = [context.Process(target=_work_apart, args=arguments) for _ in range(jobs)]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join()
    except KeyboardInterrupt:
        for process in processes:
            process.terminate()  # Each saves its run, and ends.
        for process in processes:
            process.join()
        raise
    dead = [process.exitcode for process in processes if process.exitcode]
    if dead:
        raise WorkerError(f"{len(dead)} of {jobs} processes of the sweep died; the same command goes on")


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
