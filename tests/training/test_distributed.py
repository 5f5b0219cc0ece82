"""Two processes on a CPU."""

import json
import os
import subprocess
import sys

import pytest
import torch

from tests.training.factories import experiment
from transflower.core.options import encode, write_yaml


@pytest.mark.slow
@pytest.mark.timeout(600)  # six processes load Lightning, on a machine that others may use too
def test_two_processes_train_one_model_and_resume(recordings, tmp_path):
    command = [sys.executable, "-m", "transflower", "train", "experiment.yaml", "--out"]

    def train(out, **options):
        write_yaml(tmp_path / "experiment.yaml", encode(experiment(recordings, devices=2, **options)))
        done = subprocess.run(
            [*command, out], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False, timeout=200
        )
        assert done.returncode == 0, done.stderr
        return done

    schedule = {"type": "constant", "warmup_steps": 2}
    done = train("whole", max_steps=12, schedule=schedule)
    # The second process is silent.
    assert done.stdout.count("12 steps in") == 1
    assert done.stderr.count("usable sequences") == 1
    train("parts", max_steps=8, schedule=schedule, validate_every=4)
    train("parts", max_steps=12, schedule=schedule, validate_every=4)
    states = [torch.load(tmp_path / out / "resume.ckpt", weights_only=True)["state_dict"] for out in ("whole", "parts")]
    assert all(torch.equal(weight, states[1][name]) for name, weight in states[0].items())
    rows = [json.loads(line) for line in (tmp_path / "parts" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "val/nll" in row] == [0, 4, 8, 12]
