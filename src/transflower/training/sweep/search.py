"""A sweep: what may be searched, where its trials are trained, and where it stands."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.files import check_folder
from transflower.core.options import encode
from transflower.training.options import Experiment
from transflower.training.sweep.plan import SweepOn, SweepPlan

if TYPE_CHECKING:
    from transflower.training.sweep.study import Trial


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """Where a sweep stands."""

    folder: Path
    trials: "list[Trial]"
    best: "Trial | None"
    """None where no trial has a value yet."""
    is_finished: bool
    """Whether all trials are over; otherwise the same call goes on."""
    files: list[Path]
    """Table, page and the best options."""


def sweep(
    experiment: Experiment, plan: SweepPlan, out: Path, *, jobs: int = 1, on: SweepOn = "processes"
) -> SweepResult:
    """Train the trials of ``plan``, variants of ``experiment``, into folders below ``out``; go on if it holds some.

    A trial that was stopped is continued from its run folder, to the bit. Processes of other machines may work at the
    same folder at the same time, where their file system is shared and knows locks.

    Raises:
        OptionsError: Optuna or Ray is missing, a value cannot be, or the folder is of another sweep.
        TransflowerError: every trial failed, for the reason of the last.
    """
    if experiment.training.devices * experiment.training.nodes > 1:
        raise OptionsError("a sweep trains each trial on one device; give training.devices 1, and more --sweep_jobs")
    base = encode(experiment)
    plan.check(base)
    check_folder(out)
    # They take seconds to import: what can be refused is refused before.
    from transflower.training.sweep.on_ray import work_on_ray
    from transflower.training.sweep.pages import write_pages
    from transflower.training.sweep.processes import work_in_processes
    from transflower.training.sweep.study import TrialStore
    from transflower.training.sweep.work import work

    store = TrialStore(out, plan, base)
    if on == "ray":
        work_on_ray(base, plan, out, jobs)
    elif jobs == 1:
        work(base, plan, out)
    else:
        work_in_processes(base, plan, out, jobs)
    trials, best = store.trials, store.best
    is_over = len(trials) >= plan.limits.trials and all(one.state in {"complete", "failed"} for one in trials)
    if is_over and best is None:
        raise TransflowerError(f"every trial failed; the last one: {trials[-1].error}")
    return SweepResult(
        folder=out, trials=trials, best=best, is_finished=is_over, files=write_pages(out, plan, base, store)
    )
