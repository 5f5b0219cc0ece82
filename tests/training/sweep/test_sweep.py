"""A search of options: its file, its trials, and going on where it was stopped."""

import errno
import os
import signal
from dataclasses import replace

import pytest
import torch

from tests.training.factories import experiment, write_recordings
from transflower import cli
from transflower.core.errors import FormatError, OptionsError, TransflowerError, WriteError
from transflower.core.options import decode, encode, load_yaml, write_yaml
from transflower.training import Experiment
from transflower.training.run import Result
from transflower.training.sweep import read_plan, sweep, work
from transflower.training.sweep.study import TrialStore

PLAN = """
trials: 3
steps: 4
model.inputs.motion.dropout: [0.0, 0.3]
training.optimiser.lr: {low: 1e-3, high: 1e-1, log: true}
"""


def plan_of(tmp_path, text=PLAN):
    (tmp_path / "sweep.yaml").write_text(text)
    return read_plan(tmp_path / "sweep.yaml")


@pytest.fixture
def base(tmp_path):
    return experiment(write_recordings(tmp_path / "data"), rollouts={"sequences": 0})


@pytest.fixture
def pretended(monkeypatch):
    """Trials that are not trained: the metric is the learning rate."""
    trained = []

    def fake(one, out):
        trained.append((one, out))
        out.mkdir(parents=True, exist_ok=True)
        lr = encode(one)["training"]["optimiser"]["lr"]
        return Result(folder=out, is_finished=True, steps=4, seconds=1.0, frames_per_second=1.0, best={"nll": lr})

    monkeypatch.setattr(work, "train", fake)
    return trained


def test_every_trial_is_a_run_and_the_best_options_are_ready_to_train(base, tmp_path):
    found = sweep(base, plan_of(tmp_path, PLAN.replace("trials: 3", "trials: 2")), tmp_path / "out")
    assert found.is_finished
    assert [one.state for one in found.trials] == ["complete", "complete"]
    assert (found.trials[0].folder / "best" / "model.safetensors").is_file()
    best = decode(Experiment, load_yaml(tmp_path / "out" / "best.yaml"))
    assert best.training.max_steps == 4
    assert encode(best)["training"]["optimiser"]["lr"] == found.best.params["training.optimiser.lr"]
    table = (tmp_path / "out" / "trials.csv").read_text().splitlines()
    assert table[0] == "trial,state,auto,model.inputs.motion.dropout,training.optimiser.lr,error"
    assert len(table) == 3
    assert "data:image/png;base64," in (tmp_path / "out" / "trials.html").read_text()


def test_the_best_has_the_least_metric_and_more_trials_are_added(base, tmp_path, pretended):
    found = sweep(base, plan_of(tmp_path), tmp_path / "out")
    values = [one.value for one in found.trials]
    assert found.best.value == min(values)
    more = sweep(base, plan_of(tmp_path, PLAN.replace("trials: 3", "trials: 5")), tmp_path / "out")
    assert [one.value for one in more.trials[:3]] == values
    assert len(pretended) == 5
    with pytest.raises(OptionsError, match="holds a sweep of other options"):
        sweep(base, plan_of(tmp_path, PLAN.replace("0.3", "0.4")), tmp_path / "out")


def test_options_depend_on_the_seed_alone(base, tmp_path, pretended):
    first, again = (sweep(base, plan_of(tmp_path), tmp_path / name) for name in ("a", "b"))
    assert [one.params for one in first.trials] == [one.params for one in again.trials]
    other = sweep(base, plan_of(tmp_path, f"seed: 1\n{PLAN}"), tmp_path / "c")
    assert [one.params for one in first.trials] != [one.params for one in other.trials]


def test_a_trial_that_was_stopped_goes_on(base, tmp_path, monkeypatch, pretended):
    fake, stopped = work.train, []

    def stopping(one, out):
        result = fake(one, out)
        if len(pretended) == 2:
            stopped.append(out)
            return replace(result, is_finished=False)
        return result

    monkeypatch.setattr(work, "train", stopping)
    found = sweep(base, plan_of(tmp_path), tmp_path / "out")
    assert not found.is_finished
    assert [one.state for one in found.trials] == ["complete", "running"]
    found = sweep(base, plan_of(tmp_path), tmp_path / "out")
    assert found.is_finished
    assert [out.name for _, out in pretended] == ["0000", "0001", "0001", "0002"]
    assert encode(pretended[1][0]) == encode(pretended[2][0])


def test_a_trial_has_one_process(base, tmp_path):
    first, second = (TrialStore(tmp_path / "out", plan_of(tmp_path), encode(base)) for _ in range(2))
    with first.next() as mine, second.next() as other:
        assert (mine.number, other.number) == (0, 1)
    with second.next() as again:
        assert again.number == 0


def begin_and_die(folder, plan, tree):
    """A process that takes a trial and is killed with it."""
    child = os.fork()
    if child == 0:
        with TrialStore(folder, plan, tree).next():
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_trial_whose_processes_are_killed_has_failed_unless_it_gets_further(base, tmp_path):
    plan, out, tree = plan_of(tmp_path), tmp_path / "out", encode(base)
    resume = out / "trials" / "0000" / "resume.ckpt"
    for _ in range(2):
        begin_and_die(out, plan, tree)
    resume.parent.mkdir()
    resume.touch()  # The second has saved before it died.
    begin_and_die(out, plan, tree)
    store = TrialStore(out, plan, tree)
    with store.next() as stopped:  # That is no death.
        assert stopped.number == 0
    for _ in range(3):
        begin_and_die(out, plan, tree)
    with store.next() as trial:
        assert trial.number == 1
    assert store.trials[0].state == "failed"
    assert store.trials[0].error == ("its process was killed 3 times and got no further, perhaps for want of memory")


def test_trials_that_fail_are_told(base, tmp_path, monkeypatch, pretended):
    fake = work.train

    def failing(one, out):
        if len(pretended) == 1:
            pretended.append(None)
            raise TransflowerError("it does not fit")
        return fake(one, out)

    monkeypatch.setattr(work, "train", failing)
    found = sweep(base, plan_of(tmp_path), tmp_path / "out")
    assert [(one.state, one.error) for one in found.trials][1] == ("failed", "it does not fit")
    page = (tmp_path / "out" / "trials.html").read_text()
    assert '<td class="error">it does not fit</td>' in page
    assert "prefers-color-scheme: dark" in page


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
)
def test_a_trial_that_does_not_fit_into_memory_has_failed_and_the_others_go_on(
    base, tmp_path, monkeypatch, pretended, error
):
    fake = work.train

    def failing(one, out):
        if out.name == "0001":
            raise error
        return fake(one, out)

    monkeypatch.setattr(work, "train", failing)
    found = sweep(base, plan_of(tmp_path), tmp_path / "out")
    assert [one.state for one in found.trials] == ["complete", "failed", "complete"]
    assert found.trials[1].error == (str(error) or "MemoryError")


def test_a_fault_of_a_trial_is_told_before_it_ends_the_sweep(base, tmp_path, monkeypatch, pretended):
    fake = work.train

    def failing(one, out):
        if out.name == "0001":
            raise ValueError("what nobody expects")
        return fake(one, out)

    monkeypatch.setattr(work, "train", failing)
    with pytest.raises(ValueError, match="what nobody expects"):
        sweep(base, plan_of(tmp_path), tmp_path / "out")
    found = sweep(base, plan_of(tmp_path), tmp_path / "out")
    assert [one.state for one in found.trials] == ["complete", "failed", "complete"]
    assert found.trials[1].error == "what nobody expects"


def test_trials_of_another_experiment_are_not_added(base, tmp_path, pretended):
    sweep(base, plan_of(tmp_path), tmp_path / "out")
    data, training = replace(base.data, folder=tmp_path / "other"), replace(base.training, batch_size=5, log_every=7)
    with pytest.raises(OptionsError, match=r"another experiment: data.folder .*other.*training.batch_size .4 -> 5.;"):
        sweep(replace(base, data=data, training=training), plan_of(tmp_path), tmp_path / "out")
    data = replace(base.data, num_workers=1)
    optimiser = replace(base.training.optimiser, lr=0.5)  # Each trial has its own.
    training = replace(base.training, accelerator="cpu", log_every=7, optimiser=optimiser, max_steps=99)
    assert sweep(replace(base, data=data, training=training), plan_of(tmp_path), tmp_path / "out").is_finished


def test_where_every_trial_fails_the_reason_is_said(base, tmp_path, monkeypatch):
    def failing(one, out):
        raise TransflowerError("it does not fit")

    monkeypatch.setattr(work, "train", failing)
    with pytest.raises(TransflowerError, match="every trial failed; the last one: it does not fit"):
        sweep(base, plan_of(tmp_path), tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trials: 2\n", "nothing to search"),
        ("a.b: [1, 2, 1.0]\n", "a.b must be a list of different values, got 1 more than once"),
        ("a.b: 3\n", "a.b must be a list of numbers or words, or a range"),
        ("a.b: []\n", "a.b must be a list"),
        ("a.b: {low: 1}\n", "a.b is a range, which looks like"),
        ("a.b: {low: 2, high: 1}\n", "a.b must have low below high, got 2 and 1"),
        ("a.b: {low: 0, high: 1, log: true}\n", "a.b must have low above 0"),
        ("a.b: {low: x, high: y}\n", "a.b needs numbers for low and high"),
        ("tries: 2\na.b: [1]\n", "tries: unknown option .did you mean 'trials'"),
        ("tries: 2\nseed: x\na.b: 3\nb.c: {low: 1}\n", r"(?s)4 problems.*tries.*seed.*a\.b must.*b\.c is"),
    ],
)
def test_files_that_are_no_sweep_are_refused(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        plan_of(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("model.inputs.motion.dropuot: [0.1]", "^sweep: model.inputs.motion.dropuot = 0.1: unknown option .*dropout"),
        ("training.batch_size: [4, 0]", "^sweep: training.batch_size = 0: .*batch_size must be above 0"),
    ],
)
def test_values_that_cannot_be_are_refused_before_anything_is_trained(base, tmp_path, line, message):
    with pytest.raises(OptionsError, match=message):
        sweep(base, plan_of(tmp_path, line), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_all_that_is_wrong_with_a_sweep_is_told_at_once(base, tmp_path):
    lines = "training.batch_size: [4, 0, x]\nmodel.inputs.motion.dropuot: [0.1]\nmodle.encoder.width: [8]\n"
    lines += "training.optimiser.lr: {low: -1, high: 1}\ntraining.seed: [z]"
    with pytest.raises(OptionsError, match=r"^6 problems with the options:") as told:
        sweep(base, plan_of(tmp_path, lines), tmp_path / "out")
    places = ["batch_size = 0", "batch_size = x", "dropuot = 0.1", "modle.encoder.width = 8", "lr = -1", "seed = z"]
    assert all(f"{one}: " in str(told.value) for one in places)


def test_the_verb_says_what_was_best(base, tmp_path, capsys, pretended):
    tree = encode(base)
    del tree["training"]["max_steps"]
    write_yaml(tmp_path / "tiny.yaml", tree)
    plan_of(tmp_path)
    words = [
        "train",
        str(tmp_path / "tiny.yaml"),
        "--sweep",
        str(tmp_path / "sweep.yaml"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    assert "3 of 3 trials are over" in out
    assert "best auto:" in out
    assert f"transflower train {tmp_path / 'out' / 'best.yaml'} --out RUN" in out
    assert cli.main(words) == 0
    assert len(pretended) == 3, "the same command goes on, and here nothing is left to do"


def test_without_optuna_the_extra_is_named(base, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(OptionsError, match=r"pip install 'transflower\[sweep\]'"):
        sweep(base, plan_of(tmp_path), tmp_path / "out")


def test_a_short_name_of_a_metric_is_that_of_the_run(base, tmp_path):
    best = {"nll": 1.0, "loss": 2.0, "rollout/movement_distance": 3.0, "rollout/drift": 4.0}
    result = Result(folder=tmp_path, is_finished=True, steps=1, seconds=1.0, frames_per_second=1.0, best=best)
    names = {"auto": 1.0, "likelihood": 1.0, "loss": 2.0, "rollout": 3.0, "rollout/drift": 4.0, "val/loss": 2.0}
    assert {name: work.value_of(result, name) for name in names} == names


def test_a_sweep_on_a_full_disk_says_so_and_goes_on_when_there_is_space(base, tmp_path, pretended, monkeypatch):
    plan, writes, synced = plan_of(tmp_path), [], os.fsync

    def fill_up(number):
        writes.append(number)
        if len(writes) == 6:
            os.ftruncate(number, os.fstat(number).st_size - 7)  # The line is cut.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(number)

    with monkeypatch.context() as patch:
        patch.setattr("transflower.training.sweep.journal.os.fsync", fill_up)
        with pytest.raises(WriteError, match=r"no space left on .*sweep\.journal"):
            sweep(base, plan, tmp_path / "out")
    found = sweep(base, plan, tmp_path / "out")
    assert [one.state for one in found.trials] == ["complete"] * 3


def test_a_trial_without_space_is_not_taken_for_a_bad_one(base, tmp_path, pretended, monkeypatch):
    def fill_up(one, out):
        raise WriteError(out / "resume.ckpt", "no space left on /")

    with monkeypatch.context() as patch:
        patch.setattr(work, "train", fill_up)
        with pytest.raises(WriteError, match=r"resume\.ckpt"):
            sweep(base, plan_of(tmp_path), tmp_path / "out")
    assert [one.state for one in sweep(base, plan_of(tmp_path), tmp_path / "out").trials] == ["complete"] * 3
