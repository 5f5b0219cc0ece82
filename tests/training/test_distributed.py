"""Two processes on a CPU."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch

from tests.forking import run_forked
from tests.training.factories import experiment
from transflower.core.options import encode, write_yaml
from transflower.training import (
    train,
    trainer,  # noqa: F401  # Lightning is loaded here, so that no fork need load it.
)

SCHEDULE = {"type": "constant", "warmup_steps": 2}


def train_by_command(options, out):
    """As a user does it: the command, which starts its second process by itself."""
    write_yaml(out.with_suffix(".yaml"), encode(options))
    command = [sys.executable, "-m", "transflower", "train", out.with_suffix(".yaml"), "--out", out]
    done = subprocess.run(command, cwd=out.parent, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    return done


def train_in_two_forks(options, out):
    """Two processes that have loaded Lightning, and know of each other by what a launcher tells them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def train_as(rank):
        os.environ.update(LOCAL_RANK=str(rank), MASTER_PORT=str(port))
        train(options, out)

    assert run_forked(train_as, 0, 1) == [0, 0]


@pytest.mark.slow
@pytest.mark.timeout(600)  # two processes load Lightning, on a machine that others may use too
def test_two_processes_train_one_model_and_resume(recordings, tmp_path):
    def options(**more):
        return experiment(recordings, devices=2, schedule=SCHEDULE, **more)

    done = train_by_command(options(max_steps=12), tmp_path / "whole")
    # The second process is silent.
    assert done.stdout.count("12 steps in") == 1
    assert done.stderr.count("usable sequences") == 1
    for max_steps in (8, 12):
        train_in_two_forks(options(max_steps=max_steps, validate_every=4), tmp_path / "parts")
    states = [torch.load(tmp_path / out / "resume.ckpt", weights_only=True)["state_dict"] for out in ("whole", "parts")]
    assert all(torch.equal(weight, states[1][name]) for name, weight in states[0].items())
    rows = [json.loads(line) for line in (tmp_path / "parts" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "val/nll" in row] == [0, 4, 8, 12]


def test_two_processes_learn_what_one_learns_from_twice_the_batch(recordings, tmp_path):
    def options(**more):
        return experiment(recordings, max_steps=6, rollouts={"sequences": 0}, **more)

    train_in_two_forks(options(devices=2, batch_size=4), tmp_path / "two")
    train(options(batch_size=8), tmp_path / "one")
    states = [torch.load(tmp_path / out / "resume.ckpt", weights_only=True)["state_dict"] for out in ("two", "one")]
    assert states[0].keys() == states[1].keys()
    for name, weight in states[0].items():
        torch.testing.assert_close(weight, states[1][name], atol=1e-5, rtol=0, msg=name)
