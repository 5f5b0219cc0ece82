import numpy as np
import pytest
import torch

from tests.training.factories import experiment
from transflower.generation import dance, rollout, silence_rows
from transflower.generation.song import Song
from transflower.models import load_model
from transflower.training import train
from transflower.training.saving import AtomicIO


def test_state_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "resume.ckpt"
    AtomicIO().save_checkpoint({"step": 1}, path)
    with pytest.raises((AttributeError, TypeError)):
        AtomicIO().save_checkpoint({"step": lambda: None}, path)
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["resume.ckpt"]


def test_a_run_begins_its_dances_with_its_opening(recordings, tmp_path):
    train(experiment(recordings, max_steps=1, rollouts={"sequences": 0}), tmp_path / "run")
    loaded = load_model(tmp_path / "run")
    begun = {"frames": 4, "fill": silence_rows(loaded.sidecars)}
    song = Song(name="a", inputs={"audio": np.load(recordings / "a.audio.npy")}, frames=4, fps=None, audio=None)
    drawn = dance(loaded, song)["motion"]
    assert np.array_equal(drawn, rollout(loaded.model, song.inputs, seeds=loaded.opening, **begun)["motion"])
    assert not np.array_equal(drawn, dance(loaded, song, seeds={})["motion"])
