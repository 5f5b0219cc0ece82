"""Training of a model that draws classes beside motion."""

import json

import numpy as np
import pytest

from tests.training.factories import IDS, tree
from transflower.core.options import decode
from transflower.core.options.tree import merge
from transflower.models import load_model
from transflower.training import Experiment, train

CAUSAL = {
    "model": {
        "inputs": {
            "motion": {"length": 1, "offset": -1, "dropout": 0.0},
            "audio": {"length": 3, "offset": 0, "dropout": 0.0},
            "moves": {"length": 1, "offset": -1, "kind": "categorical"},
        },
        "outputs": {"motion": {"offset": 0}, "moves": {"kind": "categorical"}},
        "history_noise": {"decay": 0.9, "offset_scale": 6, "blank_prefix": 0.5},
        "encoder": {"type": "causal", "width": 8, "layers": 1, "heads": 2, "input": None, "cross": None},
        "head": {"flow": {"conditioner": {"type": "mlp", "width": 8, "layers": None, "heads": None}}},
    },
    "training": {"positions": 10, "rollouts": {"samples": 8, "frames": 12}},
}


def pruned(options):
    """Without what is None."""
    if not isinstance(options, dict):
        return options
    return {name: pruned(value) for name, value in options.items() if value is not None}


@pytest.fixture
def experiment(recordings):
    for number, one in enumerate(IDS):
        np.save(recordings / f"{one}.moves.npy", np.repeat([[number % 3], [2]], 12, axis=0))
    return decode(Experiment, pruned(merge(tree(recordings), CAUSAL)))


def test_both_are_learnt_and_only_motion_is_measured_by_its_movement(experiment, tmp_path):
    train(experiment, tmp_path / "run")
    entries = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    validations = [entry for entry in entries if "val/nll" in entry]
    assert validations[-1]["moves/nll"] < validations[0]["moves/nll"]
    assert validations[-1]["motion/nll"] < validations[0]["motion/nll"]
    assert "rollout/std" in validations[-1]
    model = load_model(tmp_path / "run").model
    assert model.streams["moves"].num_classes == 3
