"""Measures of dances to songs that are made here, by a model that has learnt nothing."""

import json

import numpy as np
import pytest
import torch

from benchmarks.held_out import HeldOut
from tests.evaluation.factories import quick_recogniser
from tests.models.test_presets import load
from transflower.core import workers
from transflower.core.spans import StreamSpec
from transflower.evaluation import ground_truth_metrics
from transflower.models import Model, load_model, save_model
from transflower.synthetic.features import write_features


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("songs")
    recordings, features = folder / "recordings", folder / "features"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "has_semaphores", lambda: False)  # To start a process takes longer than its work.
        write_features(recordings, features, songs=10, seconds=12, seed=0)
    return recordings, features


def save_untrained(folder, features):
    config = load("transformer-tiny", small=True).model
    arrays = {name: np.load(features / f"song_000.{name}.npy") for name in config.inputs}
    streams = {name: StreamSpec(dim=rows.shape[1], fps=30.0) for name, rows in arrays.items()}
    moments = {name: (rows.mean(0), rows.std(0)) for name, rows in arrays.items()}
    model = Model(config, streams, moments)
    model.is_initialised.copy_(torch.tensor(True))
    sidecars = {name: json.loads((features / f"{name}.json").read_text()) for name in arrays}
    save_model(folder, model, sidecars=sidecars)
    return load_model(folder)


@pytest.mark.slow
def test_dancers_are_told_from_a_model_that_has_learnt_nothing(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(ground_truth_metrics, "move_recogniser", quick_recogniser)
    held_out = HeldOut(*folders)
    real = held_out.real_metrics()
    loaded = save_untrained(tmp_path / "model", folders[1])
    drawn = held_out.metrics(loaded, samples=1, seed=0)
    assert real.keys() - drawn.keys() == {"move changes"}  # which takes two recognised moves
    assert real["beat error (ms)"] < 30 < real["by chance (ms)"]
    assert drawn["moves covered"] == 0 < real["moves covered"]
    assert held_out.frames_per_second(loaded, frames=5) > 0
