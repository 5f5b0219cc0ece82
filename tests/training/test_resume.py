"""A run that was stopped, or killed, ends with the same weights to the bit as one that never was."""

import json
import os
import signal

import pytest
import torch
from safetensors.torch import load_file

from tests.forking import run_forked
from tests.training.factories import experiment, write_recordings
from transflower.core import files
from transflower.generation.engine import Engine
from transflower.training import train, validation
from transflower.training.module import TrainingModule

# Sampling takes as long as all the rest: it is only where it could matter.
QUIET = {"rollouts": {"sequences": 0}}
# 3 sequences of 24 frames, a window at each: 18 batches of 4 in an epoch.
CASES = {
    "accumulation": {"accumulate": 2},
    "an epoch that ends amid an accumulation": {"accumulate": 4, "validate_every": 3, **QUIET},
    "plateau": {
        "schedule": {"type": "plateau", "patience": 1, "threshold": 1.0, "warmup_steps": 0},
        "validate_every": 2,
        **QUIET,
    },
    "without an average": {"ema": 0.0, "optimiser": {"type": "sgd", "lr": 0.01}, **QUIET},
    "without a limit in steps": {"max_steps": None, "schedule": {"type": "constant"}, **QUIET},
    "bf16": {"precision": "bf16"},
}


def weights_of(folder):
    state = torch.load(folder / "resume.ckpt", weights_only=True)
    return {**state["state_dict"], **load_file(folder / "last" / "model.safetensors")}


def steps_of(folder):
    return [json.loads(line)["step"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


def assert_equal_runs(one, other, *, best=True):
    mine, theirs = weights_of(one), weights_of(other)
    assert mine.keys() == theirs.keys()
    different = [name for name in mine if not torch.equal(mine[name], theirs[name])]
    assert not different
    if best:
        bests = [load_file(run / "best" / "model.safetensors") for run in (one, other)]
        assert all(torch.equal(bests[0][name], bests[1][name]) for name in bests[0])


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def fail():
    raise RuntimeError("power failure")


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of the tiny experiment that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    train(experiment(write_recordings(folder / "data")), folder / "whole")
    return folder / "whole"


@pytest.fixture
def at_batch(monkeypatch):
    """Let something happen in a batch of the training, counted from the call on."""
    original = TrainingModule.training_step
    countdown, action = 0, press_ctrl_c

    def step(self, batch):
        nonlocal countdown
        countdown -= 1
        if countdown == 0:
            action()
        return original(self, batch)

    def arrange(number, what):
        nonlocal countdown, action
        countdown, action = number, what

    monkeypatch.setattr(TrainingModule, "training_step", step)
    return arrange


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
def test_run_stopped_in_an_epoch_continues_to_the_bit(recordings, tmp_path, at_batch, options):
    same = experiment(recordings, **options)
    batches, until = options.get("accumulate", 1), 12 if "max_steps" in options else 0
    at_batch(until, press_ctrl_c)
    whole = train(same, tmp_path / "whole")
    at_batch(7 * batches, press_ctrl_c)
    stopped = train(same, tmp_path / "parts")
    assert not stopped.is_finished
    assert 0 < stopped.steps < whole.steps == 12
    at_batch(until - 7, press_ctrl_c)
    assert train(same, tmp_path / "parts").steps == 12
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize("accumulate", [1, 4])
def test_run_stopped_after_every_step_continues_to_the_bit(recordings, tmp_path, at_batch, accumulate):
    # Epochs of 9 batches: some stops fall on the last batch of an epoch, which ends an accumulation early.
    num_steps = {1: 11, 4: 7}[accumulate]
    same = experiment(recordings, batch_size=8, accumulate=accumulate, max_steps=num_steps, **QUIET)
    whole = train(same, tmp_path / "whole")
    for step in range(1, num_steps + 1):
        at_batch(1, press_ctrl_c)
        part = train(same, tmp_path / "parts")
        assert (part.steps, part.is_finished) == (step, step == num_steps)
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")
    assert (part.first, part.last, part.best) == (whole.first, whole.last, whole.best)


def test_run_that_broke_off_continues_from_its_last_save_to_the_bit(recordings, whole, tmp_path, at_batch):
    same = experiment(recordings)
    at_batch(7, fail)
    with pytest.raises(RuntimeError, match="power failure"):
        train(same, tmp_path / "parts")
    assert train(same, tmp_path / "parts").steps == 12
    assert_equal_runs(whole, tmp_path / "parts")
    assert steps_of(tmp_path / "parts") == steps_of(whole)


def test_killed_run_continues_to_the_bit(recordings, whole, tmp_path, at_batch):
    same = experiment(recordings)
    at_batch(7, kill)
    assert run_forked(lambda out: train(same, out), tmp_path / "parts") == [-signal.SIGKILL]
    at_batch(0, kill)
    # What a kill amid a save leaves, of a process that there cannot be.
    (tmp_path / "parts" / f".last.{files._host()}-{2**22 + 1}-0a1b2c").mkdir()
    assert train(same, tmp_path / "parts").steps == 12
    assert_equal_runs(whole, tmp_path / "parts")
    assert [path.name for path in (tmp_path / "parts").glob(".*")] == [".lock"]


def test_validation_that_was_interrupted_is_made_up_for(recordings, tmp_path, at_batch, monkeypatch):
    schedule = {"type": "plateau", "patience": 1, "threshold": 1.0, "warmup_steps": 0}
    same = experiment(recordings, schedule=schedule, validate_every=2)
    train(same, tmp_path / "whole")
    original = validation.sum_metrics

    def interrupted(*args, **kwargs):
        if len(calls := steps) == 2:
            press_ctrl_c()
        calls.append(None)
        return original(*args, **kwargs)

    steps: list[None] = []
    monkeypatch.setattr(validation, "sum_metrics", interrupted)
    assert train(same, tmp_path / "parts").steps == 4
    assert train(same, tmp_path / "parts").steps == 12
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")
    assert steps_of(tmp_path / "parts") == steps_of(tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_samples_that_are_being_drawn_are_left_at_once_and_made_up_for(recordings, tmp_path, monkeypatch, number):
    same = experiment(recordings, validate_every=2, max_steps=4)
    train(same, tmp_path / "whole")
    original, drawn = Engine.step, []

    def step(engine):
        drawn.append(None)
        if len(drawn) == stop_at:
            signal.raise_signal(number)
        return original(engine)

    stop_at = 11  # Six frames are drawn before the first step, to try it.
    monkeypatch.setattr(Engine, "step", step)
    stopped = train(same, tmp_path / "parts")
    assert (stopped.is_finished, stopped.steps, len(drawn)) == (False, 2, stop_at)
    assert train(same, tmp_path / "parts").steps == 4
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts")
    assert steps_of(tmp_path / "parts") == steps_of(tmp_path / "whole")


def test_finished_run_says_so_and_goes_on_when_asked_for_more(recordings, tmp_path, caplog):
    caplog.set_level("INFO", "transflower")
    short = experiment(recordings, schedule={"type": "constant"}, **QUIET)
    train(short, tmp_path / "parts")
    caplog.clear()
    assert train(short, tmp_path / "parts").steps == 12
    assert "is finished; for more, raise training.max_steps" in caplog.text
    longer = experiment(recordings, schedule={"type": "constant"}, max_steps=20, **QUIET)
    assert train(longer, tmp_path / "parts").steps == 20
    train(longer, tmp_path / "whole")
    assert_equal_runs(tmp_path / "whole", tmp_path / "parts", best=False)
