"""The comparison of all presets, without training any."""

import json

import numpy as np
import pytest
import torch

from benchmarks import __main__ as benchmarks
from benchmarks import comparison
from benchmarks.report import Report
from transflower.core.errors import OptionsError
from transflower.core.spans import StreamSpec
from transflower.models import Model

MARKED = f"before\n{comparison._BEGIN}\nold\n{comparison._END}\nafter\n"


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "models.md"
    path.write_text(MARKED)
    return path


@pytest.fixture
def arguments(document, tmp_path, monkeypatch):
    """Of a comparison in which nothing is made, trained or danced."""

    class NoSongs:
        def __init__(self, recordings, features):
            pass

        def real_metrics(self):
            return {"moves covered": 1.0}

    monkeypatch.setattr(comparison, "write_features", lambda *folders, **options: None)
    monkeypatch.setattr(comparison, "HeldOut", NoSongs)
    return ["models", "--document", str(document), "--work", str(tmp_path / "work"), "--presets", "live-tiny"]


def test_the_table_takes_the_place_of_the_old_one(document):
    report = Report({"model": {"nats/dim": -1.0}})
    for _ in range(2):
        comparison._write_table(document, report)
    before, table, after = document.read_text().partition(report.text())
    assert (before, after) == (f"before\n{comparison._BEGIN}\n", f"{comparison._END}\nafter\n")
    assert table


def test_a_document_without_a_place_for_the_table_is_refused(document):
    document.write_text("no table")
    with pytest.raises(OptionsError, match="the table belongs between"):
        comparison._write_table(document, Report({"model": {"steps": 1}}))


def test_one_command_writes_table_and_picture(arguments, document, monkeypatch, capsys):
    monkeypatch.setattr(comparison, "_metrics", lambda *of: {"nats/dim": -0.5})
    assert benchmarks.main(arguments) == 0
    for text in (document.read_text(), capsys.readouterr().out):
        assert "live-tiny" in text
        assert comparison.REAL in text
    assert document.with_suffix(".png").stat().st_size > 1000


def test_what_is_done_is_not_done_again(arguments, monkeypatch, tmp_path):
    monkeypatch.setattr(comparison, "_metrics", lambda *of: {"nats/dim": -0.5})
    benchmarks.main(arguments)
    (kept,) = (tmp_path / "work").rglob("*.json")
    assert json.loads(kept.read_text()) == {"nats/dim": -0.5}
    monkeypatch.setattr(comparison, "_metrics", lambda *of: pytest.fail("measured again"))
    benchmarks.main(arguments)


def test_steps_are_timed_without_what_a_run_begins_with(monkeypatch):
    clock = [0.0]

    def train(experiment, folder):
        clock[0] += 7.0 + 0.5 * experiment.training.max_steps

    monkeypatch.setattr(comparison, "train", train)
    monkeypatch.setattr(comparison.time, "process_time", lambda: clock[0])
    experiment = comparison._experiment("live-tiny", "features", 0)
    assert comparison._step_seconds(experiment) == pytest.approx(0.5)


def test_compared_models_have_about_as_many_parameters():
    dims = {"motion": 72, "audio": 82}  # of the songs and dances that are made
    sizes = []
    for name in comparison.LAPTOP_PRESETS:
        config = comparison._experiment(name, "features", 0).model
        streams = {modality: StreamSpec(dim=dim) for modality, dim in dims.items()}
        streams["moves"] = StreamSpec(dim=1, kind="categorical", num_classes=64)
        moments = {modality: (np.zeros(dim), np.ones(dim)) for modality, dim in dims.items()}
        with torch.device("meta"):
            sizes.append(sum(weights.numel() for weights in Model(config, streams, moments).parameters()))
    assert max(sizes) < 1.5 * min(sizes)


def test_an_unknown_preset_is_refused_with_those_there_are(capsys):
    assert benchmarks.main(["models", "--presets", "moglo"]) == 2
    assert "there are: " in capsys.readouterr().err
