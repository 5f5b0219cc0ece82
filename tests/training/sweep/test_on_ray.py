"""A sweep on Ray."""

import sys
from types import SimpleNamespace

import pytest

from tests.training.factories import experiment, write_recordings
from transflower.core.errors import OptionsError
from transflower.training.sweep import read_plan, sweep
from transflower.training.sweep.on_ray import _wait, cpus_each

PLAN = "trials: 3\nsteps: 2\ntraining.optimiser.lr: [0.001, 0.01]\n"


@pytest.fixture
def base(tmp_path):
    (tmp_path / "sweep.yaml").write_text(PLAN)
    return experiment(write_recordings(tmp_path / "data"), rollouts={"sequences": 0})


@pytest.mark.timeout(400)
def test_tasks_of_ray_train_the_trials_and_a_finished_sweep_grows(base, tmp_path, monkeypatch):
    ray = pytest.importorskip("ray", reason="Ray, the extra `ray`, is not installed")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        found = sweep(base, read_plan(tmp_path / "sweep.yaml"), tmp_path / "out", jobs=2, on="ray")
        assert ray.is_initialized()
    finally:
        ray.shutdown()
    assert found.is_finished
    assert [one.state for one in found.trials] == ["complete"] * 3
    assert all((one.folder / "best" / "model.safetensors").is_file() for one in found.trials)
    assert {path.name for path in found.files} == {"trials.csv", "trials.html", "best.yaml"}
    (tmp_path / "sweep.yaml").write_text(PLAN.replace("trials: 3", "trials: 4"))
    more = sweep(base, read_plan(tmp_path / "sweep.yaml"), tmp_path / "out")
    assert [one.value for one in more.trials[:3]] == [one.value for one in found.trials]
    assert len(more.trials) == 4


def test_a_task_that_fails_is_told_when_the_others_are_over():
    ended = []

    class Ray:
        """As much of Ray as is needed to wait for tasks."""

        exceptions = SimpleNamespace(RayTaskError=RuntimeError, RayError=OSError)

        def wait(self, tasks, *, num_returns):
            ended.extend(tasks[:num_returns])

        def get(self, tasks):
            assert ended == tasks
            error = RuntimeError("task")
            error.cause = OptionsError("the fault")
            raise error

    with pytest.raises(OptionsError, match="the fault"):
        _wait(Ray(), ["one", "two"])


@pytest.mark.parametrize(
    ("machines", "jobs", "gpus", "cpus"),
    [
        ([(8, 0)], 1, 0, 8),
        ([(8, 0)], 3, 0, 2),
        ([(16, 0)] * 4, 6, 0, 8),
        ([(16, 2), (16, 0)], 2, 1, 8),
        ([(2, 0)], 5, 0, 1),
        ([], 2, 0, 1),
    ],
)
def test_each_task_has_as_many_cores_as_let_all_of_them_run(machines, jobs, gpus, cpus):
    assert cpus_each(machines, jobs, gpus) == cpus


def test_without_ray_the_extra_is_named(base, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(OptionsError, match=r"pip install 'transflower\[ray\]'"):
        sweep(base, read_plan(tmp_path / "sweep.yaml"), tmp_path / "out", on="ray")
