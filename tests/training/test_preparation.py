from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.training.factories import experiment, write_recordings
from transflower.core.errors import DataError, ModelError, OptionsError
from transflower.models import InputConfig, OutputConfig
from transflower.models.encoders import CausalEncoderConfig
from transflower.models.heads import DeterministicHeadConfig
from transflower.training import train

QUIET = {"rollouts": {"sequences": 0}, "max_steps": 2}


@pytest.fixture
def run(recordings, tmp_path):
    train(experiment(recordings, **QUIET), tmp_path / "run")
    return tmp_path / "run"


def louder(recordings):
    path = recordings / "a.motion.npy"
    np.save(path, np.load(path) * 1.01)


def shorter(recordings):
    for path in recordings.glob("a.*.npy"):
        np.save(path, np.load(path)[:-2])


def fewer(recordings):
    (recordings / "base_filenames_train.txt").write_text("a\nb")


@pytest.mark.parametrize("change", [louder, shorter, fewer])
def test_run_does_not_go_on_with_recordings_that_changed_and_does_once_they_are_back(
    recordings, run, tmp_path, change, caplog
):
    change(recordings)
    more = experiment(recordings, **QUIET | {"max_steps": 3})
    with pytest.raises(DataError, match=r"have changed since .*run was trained on them \(.*--training.start_from"):
        train(more, run)
    write_recordings(recordings)
    assert train(more, run).steps == 3


def test_advice_for_recordings_that_changed_works(recordings, run, tmp_path):
    louder(recordings)
    result = train(experiment(recordings, **QUIET, start_from=str(run)), tmp_path / "other")
    assert result.is_finished


def test_other_recordings_that_were_named_on_purpose_are_said_to_differ(recordings, run, tmp_path, caplog):
    other = write_recordings(tmp_path / "other data")
    louder(other)
    assert train(experiment(other, **QUIET | {"max_steps": 3}), run).steps == 3
    assert "are not those that the run was trained on" in caplog.text
    with pytest.raises(DataError):
        louder(other)
        train(experiment(other, **QUIET | {"max_steps": 4}), run)


def test_the_same_recordings_in_another_place_are_the_same(recordings, run, tmp_path, caplog):
    moved = recordings.rename(tmp_path / "moved")
    assert train(experiment(moved, **QUIET | {"max_steps": 3}), run).steps == 3
    assert "not those" not in caplog.text


def test_run_that_lost_its_resume_file_says_what_to_do_and_that_works(recordings, run, tmp_path):
    (run / "resume.ckpt").unlink()
    with pytest.raises(OptionsError, match=r"resume.ckpt is missing.*--training.start_from .*run, or remove .*run"):
        train(experiment(recordings, **QUIET), run)
    assert train(experiment(recordings, **QUIET, start_from=str(run)), tmp_path / "other").is_finished


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
