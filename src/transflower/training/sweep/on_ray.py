"""A sweep on Ray: its tasks train trials of the one study, as the processes of one machine do."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from transflower.core.errors import OptionsError
from transflower.core.options import merge
from transflower.core.options.tree import Tree
from transflower.core.workers import WorkerError
from transflower.training.sweep.plan import SweepPlan
from transflower.training.sweep.study import most_deaths
from transflower.training.sweep.work import work


def work_on_ray(base: Tree, plan: SweepPlan, out: Path, jobs: int) -> None:
    """Train trials by ``jobs`` tasks of Ray, until none is left, or until this process is asked to stop.

    Ray is the one that runs, or that ``RAY_ADDRESS`` names, else one of this machine, for as long as this call takes.
    All machines must see the folders under the same paths.

    Raises:
        OptionsError: Ray is missing, or cannot be reached.
        WorkerError: tasks died.
    """
    ray = _import_ray()
    is_ours = not ray.is_initialized()
    if is_ours:
        _start(ray)
    try:
        cpus, gpus = _share(ray, jobs, base["training"]["accelerator"])
        task = ray.remote(_work_apart).options(num_cpus=cpus, num_gpus=gpus, max_retries=most_deaths(plan))
        # A task may run in another folder than this process.
        here = merge(base, {"data": {"folder": str(Path(base["data"]["folder"]).resolve())}})
        _wait(ray, [task.remote(here, plan, out.resolve(), cpus) for _ in range(jobs)])
    finally:
        if is_ours:
            ray.shutdown()


def cpus_each(machines: Sequence[tuple[int, int]], jobs: int, gpus: int) -> int:
    """The most cores that each of ``jobs`` tasks can have at the same time.

    Args:
        machines: cores and GPUs of each.
        jobs: tasks.
        gpus: of each task.
    """

    def fit(cpus: int) -> int:
        return sum(min(own // cpus, own_gpus // gpus if gpus else jobs) for own, own_gpus in machines)

    return max(
        (cpus for cpus in range(1, max((own for own, _ in machines), default=1) + 1) if fit(cpus) >= jobs), default=1
    )


def _work_apart(base: Tree, plan: SweepPlan, out: Path, threads: int) -> None:
    torch.set_num_threads(threads)
    work(base, plan, out)


def _start(ray: Any) -> None:
    # Ray would tell its makers that it was used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(include_dashboard=False)
    except Exception as error:  # Ray raises errors of any kind, and a bare Exception where it does not start in time.
        reason = (str(error) or type(error).__name__).splitlines()[0]
        where = os.environ.get("RAY_ADDRESS")
        place = f"at RAY_ADDRESS={where} cannot be reached" if where else "cannot be started"
        raise OptionsError(f"--sweep_on ray: Ray {place} ({reason})") from error


def _share(ray: Any, jobs: int, accelerator: str) -> tuple[int, int]:
    """Cores and GPUs of each task."""
    alive = [one["Resources"] for one in ray.nodes() if one["Alive"]]
    machines = [(int(one.get("CPU", 0)), int(one.get("GPU", 0))) for one in alive]
    has_gpus = any(gpus for _, gpus in machines)
    gpus = int(accelerator == "cuda" or (accelerator == "auto" and has_gpus))
    return cpus_each(machines, jobs, gpus), gpus


def _wait(ray: Any, tasks: list[Any]) -> None:
    try:
        ray.wait(tasks, num_returns=len(tasks))  # All of them: to leave would kill those that go on after one failed.
        ray.get(tasks)
    except KeyboardInterrupt:
        for task in tasks:
            ray.cancel(task)  # As Ctrl-C in the task: it saves its run, and ends.
        ray.wait(tasks, num_returns=len(tasks))
        raise
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise WorkerError(f"tasks of the sweep died ({type(error).__name__}); the same command goes on") from error


def _import_ray() -> Any:
    try:
        import ray
    except ImportError:
        raise OptionsError("--sweep_on ray needs Ray: pip install 'transflower[ray]'") from None
    return ray
