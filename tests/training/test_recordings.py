"""Recordings that change under a run."""

import numpy as np
import pytest

from tests.training.factories import experiment, write_recordings
from transflower.core.errors import DataError, OptionsError
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
