"""``transflower train``: from words to a run, and what is said about it."""

import shutil

import pytest

from tests.training.factories import experiment, write_recordings
from transflower import cli
from transflower.core.options import encode, write_yaml


@pytest.fixture
def recordings(tmp_path):
    return write_recordings(tmp_path / "data")


@pytest.fixture
def words(recordings, tmp_path):
    """A command that works: the experiment lacks its data."""
    tree = encode(experiment(recordings))
    del tree["data"]
    write_yaml(tmp_path / "tiny.yaml", tree)
    return ["train", str(tmp_path / "tiny.yaml"), "--data.folder", str(recordings), "--out", str(tmp_path / "run")]


def test_train_says_what_came_of_it_and_what_to_do_next(words, tmp_path, capsys):
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    run = tmp_path / "run"
    assert "12 steps in" in out
    assert "frames/s" in out
    assert "at the start" in out
    assert "at the end" in out
    assert f"transflower generate SONG --model {run}" in out
    assert (run / "best" / "model.safetensors").is_file()


def test_train_goes_on_with_the_config_of_the_run_alone(words, tmp_path, capsys):
    assert cli.main([*words, "--training.max_steps", "4"]) == 0
    again = ["train", str(tmp_path / "run" / "config.yaml"), "--out", str(tmp_path / "run")]
    assert cli.main([*again, "--training.max_steps", "8"]) == 0
    assert "8 steps in" in capsys.readouterr().out


def test_a_run_goes_on_though_the_model_that_it_began_with_is_gone(words, tmp_path):
    assert cli.main([*words, "--training.max_steps", "4"]) == 0
    (tmp_path / "run").rename(tmp_path / "first")
    start = [*words, "--training.start_from", str(tmp_path / "first")]
    assert cli.main([*start, "--training.max_steps", "4"]) == 0
    shutil.rmtree(tmp_path / "first")
    assert cli.main([*start, "--training.max_steps", "5"]) == 0


def test_stopped_training_says_how_to_go_on(words, tmp_path, capsys, monkeypatch):
    from transflower.training import Result

    stopped = Result(folder=tmp_path / "run", is_finished=False, steps=3, seconds=1.0, frames_per_second=9.0, skipped=2)
    monkeypatch.setattr("transflower.training.run.train", lambda *args: stopped)
    assert cli.main(words) == 130
    out = capsys.readouterr().out
    assert f"go on with: transflower train {tmp_path / 'run' / 'config.yaml'} --out {tmp_path / 'run'}" in out
    assert "2 steps were left out" in out


@pytest.mark.parametrize(
    ("first", "best", "last", "is_told"),
    [
        ({"loss": 1.0, "nll": 1.5}, {"loss": 2.0, "nll": 2.6}, {"loss": 9.0, "nll": 9.0}, True),
        ({"loss": 1.0}, {"loss": 2.2}, {"loss": 3.0}, True),
        ({"loss": 1.0, "nll": 1.5}, {"loss": 1.1, "nll": 1.4}, {"loss": 9.0, "nll": 9.0}, False),
        # Of other windows than the first validation, so that so little may be chance.
        ({"loss": 1.0, "nll": 1.5}, {"loss": 1.1, "nll": 1.9}, {"loss": 1.1, "nll": 1.9}, False),
        ({"loss": 1.0}, {"loss": 1.2}, {"loss": 1.3}, False),
        # The best by another metric may have told others worse than the last.
        ({"nll": 1.5}, {"nll": 4.6}, {"nll": 1.2}, False),
        ({}, {"nll": 1.6}, {"nll": 1.6}, False),
    ],
)
def test_training_that_made_the_model_worse_says_so_and_what_to_try(
    words, tmp_path, capsys, monkeypatch, first, best, last, is_told
):
    from transflower.training import Result

    run = tmp_path / "run"
    metrics = {"first": first, "best": best, "last": last, "best_step": 3}
    found = Result(folder=run, is_finished=True, steps=3, seconds=1.0, frames_per_second=9.0, **metrics)
    monkeypatch.setattr("transflower.training.run.train", lambda *args: found)
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    told = "training made the model worse: it tells held-out sequences less well than before the first step"
    assert (told in out) == ("a lower --training.optimiser.lr, or for more steps" in out) == is_told
    assert f"the model is in {run}" in out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda words: ["train"], "name an experiment: transflower train EXPERIMENT"),
        (lambda words: ["train", "transflower-tinny", *words[2:]], "did you mean 'transflower-tiny'?"),
        (lambda words: ["train", "nowhere.yaml", *words[2:]], "nowhere.yaml: cannot be read"),
        (lambda words: [*words[:2], *words[4:]], "data.folder: is required"),
        (lambda words: words[:4], "out: is required"),
        (lambda words: [*words, "--training.lr", "3"], "did you mean --training.optimiser.lr?"),
        (lambda words: [*words, "--training.batch_size", "many"], "--training.batch_size"),
        (lambda words: [*words, "--data.features.musik", "audio"], "data.features names 'musik'"),
        (lambda words: [*words, "--data.train_split", "none"], "base_filenames_none.txt"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_writes_nothing(words, tmp_path, capsys, change, message):
    assert cli.main(change(words)) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert not (tmp_path / "run").exists()


def test_help_explains_every_option(capsys):
    assert cli.main(["train", "transflower-tiny", "--help"]) == 0
    out = capsys.readouterr().out
    for flag in ("--training.optimiser.lr", "--training.schedule.final", "--training.rollouts.frames", "--data.folder"):
        assert flag in out
