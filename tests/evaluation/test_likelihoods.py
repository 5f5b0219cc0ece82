"""Of which columns and inputs a model of a report is asked."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.calibration.factories import make_system, write_data
from transflower.core.errors import FormatError
from transflower.evaluation import likelihoods, modelled
from transflower.evaluation.calibration.one_step import one_step
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.metrics.likelihood import Likelihood
from transflower.evaluation.metrics.music_swap import MusicSwap


@pytest.fixture
def opened(tmp_path):
    return make_system(tmp_path / "model"), write_data(tmp_path / "data")


@pytest.fixture
def asked(monkeypatch):
    """The inputs of all evaluations; every recording has a style beside its sound."""
    found, read, evaluate = [], modelled.read_recording, likelihoods.frame_log_likelihood

    def reading(loaded, folder, one):
        recording = read(loaded, folder, one)
        return replace(recording, inputs={**recording.inputs, "style": np.full((1, 1), int(one[-1]))})

    def evaluating(loaded, inputs, outputs, *, seed):
        found.append((inputs["audio"][0, 0], inputs["style"].item()))
        return evaluate(loaded, {"audio": inputs["audio"]}, outputs, seed=seed)

    monkeypatch.setattr(modelled, "read_recording", reading)
    monkeypatch.setattr(likelihoods, "frame_log_likelihood", evaluating)
    return found


def test_a_swap_exchanges_the_music_alone_and_nothing_is_evaluated_twice(opened, asked):
    system, setting = opened
    Likelihood().parts(system, setting)
    found = MusicSwap().parts(system, setting)
    audio = [np.load(setting.data / f"song{one}.audio.npy")[0, 0] for one in range(3)]
    assert sorted(asked, key=str) == sorted(((sound, style) for sound in audio for style in range(3)), key=str)
    assert all(0 <= part["swap_share"] <= 1 for part in found.values())


def test_recordings_of_one_song_are_not_swapped(opened, asked):
    system, setting = opened
    np.save(setting.data / "song1.audio.npy", np.load(setting.data / "song0.audio.npy"))
    MusicSwap().parts(system, setting)
    assert len(asked) == 3 + 4  # own; the first two with the third, the third with both
    np.save(setting.data / "song2.audio.npy", np.load(setting.data / "song0.audio.npy"))
    with pytest.raises(NotMeasurable, match="all recordings have the same song"):
        MusicSwap().parts(system, replace(setting, seed=1))  # It remembers nothing.


def test_a_model_of_labels_alone_reads_no_music(opened):
    system, setting = opened
    system = replace(system, model=replace(system.model, sidecars={"audio": {"kind": "labels"}, "motion": None}))
    with pytest.raises(NotMeasurable, match="the model reads no music"):
        MusicSwap().parts(system, setting)


@pytest.mark.parametrize("measure", [Likelihood().parts, MusicSwap().parts, one_step])
def test_a_model_of_another_body_is_not_asked_of_this_one(opened, measure):
    system, setting = opened
    (setting.data / "motion.json").write_text(json.dumps({"names": ["x", "y", "z"], "skeleton": {"names": ["Hips"]}}))
    own = {"names": ["x", "y", "z"], "skeleton": {"names": ["Pelvis"]}}
    system = replace(system, model=replace(system.model, sidecars={"audio": None, "motion": own}))
    with pytest.raises(NotMeasurable, match="trained on another body"):
        measure(system, setting)


def test_recordings_that_a_model_cannot_read_are_a_reason(opened, monkeypatch):
    def fail(loaded, folder, one):
        raise FormatError(folder / "audio.json", "differs in 'settings'")

    monkeypatch.setattr(modelled, "read_recording", fail)
    with pytest.raises(NotMeasurable, match="differs in 'settings'"):
        Likelihood().parts(*opened)
