"""Run folders that version 0.1.0 wrote."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.training.factories import experiment
from transflower.core.options import decode, load_yaml, translate
from transflower.generation import SamplingOptions, generate
from transflower.models import load_model
from transflower.training import Experiment, train

WRITTEN = Path(__file__).parent / "data" / "run_of_0.1.0"


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """A copy of the run and its recordings, as it was: the run names its recordings relative to the working folder."""
    shutil.copytree(WRITTEN, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy" / "run"


def test_its_model_draws_the_same_frames():
    audio = np.load(WRITTEN / "data" / "d.audio.npy")
    drawn = generate(
        load_model(WRITTEN / "run"), {"audio": audio}, num_frames=12, num_samples=2, options=SamplingOptions(seed=7)
    )
    np.testing.assert_allclose(drawn["motion"], np.load(WRITTEN / "frames.npy"), atol=1e-5)


def test_it_continues_as_if_it_had_not_been_stopped(earlier):
    same = decode(Experiment, translate(load_yaml(earlier / "config.yaml")))
    result = train(same, earlier)
    assert (result.steps, result.is_finished) == (8, True)
    weights, whole = load_file(earlier / "last" / "model.safetensors"), load_file(WRITTEN / "whole.safetensors")
    assert weights.keys() == whole.keys()
    # The same to the bit on one kind of processor.
    assert all(torch.allclose(weights[name], whole[name], atol=1e-4) for name in whole)


def test_training_starts_from_its_weights(earlier, tmp_path):
    start = experiment(Path("data"), start_from=str(earlier), max_steps=1, rollouts={"sequences": 0})
    assert train(start, tmp_path / "new").steps == 1
