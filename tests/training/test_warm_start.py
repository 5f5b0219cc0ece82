from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from tests.training.factories import experiment, write_recordings
from transflower.core.errors import ModelError
from transflower.models import InputConfig, OutputConfig
from transflower.models.encoders import CausalEncoderConfig
from transflower.models.heads import DeterministicHeadConfig
from transflower.training import train

QUICK = {"max_steps": 1, "validate_every": 1, "rollouts": {"sequences": 0}, "ema": 0.0}


@pytest.fixture
def first(recordings, tmp_path):
    train(experiment(recordings, **QUICK, seed=1), tmp_path / "first")
    return tmp_path / "first"


def weights(folder):
    return load_file(folder / "last" / "model.safetensors")


def test_training_begins_with_what_another_model_has_learnt(recordings, tmp_path, first):
    still = {**QUICK, "optimiser": {"type": "adamw", "lr": 1e-12, "weight_decay": 0.0}}
    train(experiment(recordings, **still, seed=2, start_from=str(first)), tmp_path / "second")
    before, after = weights(first), weights(tmp_path / "second")
    assert before.keys() == after.keys()
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in before)


def test_what_does_not_fit_begins_anew(recordings, tmp_path, first):
    wider = experiment(write_recordings(tmp_path / "wide", dim=5), **QUICK, seed=2, start_from=str(first))
    train(wider, tmp_path / "second")
    before, after = weights(first), weights(tmp_path / "second")
    name = "target_scalings.motion.mean"
    assert before[name].shape != after[name].shape


def test_a_model_of_which_nothing_fits_is_refused(recordings, tmp_path, first):
    other = experiment(recordings, **QUICK, start_from=str(first))
    causal = replace(
        other.model,
        inputs={"motion": InputConfig(offset=-1)},
        outputs={"motion": OutputConfig()},
        encoder=CausalEncoderConfig(width=12, layers=1, heads=2),
        head=DeterministicHeadConfig(),
    )
    with pytest.raises(ModelError, match="no weight of the same name and shape"):
        train(replace(other, model=causal), tmp_path / "x")
    with pytest.raises(ModelError, match="there is no such folder"):
        train(experiment(recordings, **QUICK, start_from=str(tmp_path / "nowhere")), tmp_path / "y")
