"""Training trials one after the other: what each process of a sweep does, wherever it runs."""

import gc
import logging
import math
import time
from pathlib import Path

import torch

from transflower.core.errors import TransflowerError, WriteError
from transflower.core.memory import is_out_of_memory
from transflower.core.options.tree import Tree
from transflower.training.run import Result, train
from transflower.training.sweep.pages import write_pages
from transflower.training.sweep.plan import SweepPlan
from transflower.training.sweep.study import Trial, TrialStore

log = logging.getLogger(__name__)

_PAGES_SECONDS = 60.0
"""Between two writings of the table and the page of a sweep that goes on."""


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
    except WriteError:
        raise  # Not for the options of the trial: it goes on when there is space again.
    except Exception as error:
        reason = str(error) or type(error).__name__
        # Told in any case: a trial that breaks its process would be the first that the next process takes.
        store.tell(trial, math.nan, reason)
        if not isinstance(error, TransflowerError) and not is_out_of_memory(error):
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


def _free_memory() -> None:
    gc.collect()  # The model is in cycles with its trainer.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
